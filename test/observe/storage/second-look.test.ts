import { expect, test } from 'vitest'
import { judgeStorage } from '../../../src/facts/queries/storage/judge/judge.ts'
import type { Inventory } from '../../../src/facts/storage/inventory.ts'
import { multiPlatform } from '../../../src/fake-registry/images/images.ts'
import { lookAgain, type SecondReader } from '../../../src/observe/storage/second-look.ts'
import { createUnreadList } from '../../../src/observe/storage/unread.ts'
import { inventoryOf, type MadeStorage, madeStorage, pushTo } from '../../support/storage/made-storage.ts'

const [first, second, third] = ['first', 'second', 'third'].map((seed) => multiPlatform({ seed }))

/** A storage that changes while it is read: what each reading finds is what `at` makes of it, counted from 0. */
async function scan(at: (reading: number) => MadeStorage) {
  let reading = 0
  const inventory = inventoryOf(at(0)) as Inventory & {
    blobs: Parameters<typeof lookAgain>[0]['inventory']['blobs']
  }
  const unread = createUnreadList(inventory.digests)
  inventory.unread = unread.parts
  const { digests } = inventory
  /** The storage now, with the digests of the inventory. */
  const now = () => {
    const found = inventoryOf(at(reading))
    const own = (digest: number) => digests.add(found.digests.text(digest))
    return { found, own }
  }
  let pauses = 0
  const reader: SecondReader = {
    pause: async () => {
      pauses += 1
      reading += 1
    },
    readRepository: async ({ name }) => {
      const { found, own } = now()
      const one = found.repositories.find((each) => each.name === name)
      return (
        one && {
          ...one,
          revisions: one.revisions.map(({ path = 0 }) => ({
            path: own(path),
            content: { state: 'digest' as const, target: own(path) },
          })),
          tags: one.tags.map((tag) => ({
            ...tag,
            current:
              tag.current?.state === 'digest'
                ? { ...tag.current, target: own(tag.current.target) }
                : tag.current,
            history: tag.history.map((entry) => ({ ...entry, digest: own(entry.digest) })),
          })),
          layers: { equal: one.layers.equal.map(own), others: [] },
        }
      )
    },
    statBlob: async (digest) => {
      const size = at(reading).data.get(digests.text(digest))?.length
      return size === undefined ? undefined : { size, modifiedAt: 0 }
    },
    readLateData: async () => {},
    readManifests: async () => {
      const { found, own } = now()
      for (const [digest, manifest] of found.manifests) {
        if (inventory.blobs.size(own(digest)) === undefined || inventory.manifests.has(own(digest))) continue
        if (manifest.state === 'parsed')
          for (const reference of manifest.document.references) reference.digest = own(reference.digest)
        inventory.manifests.set(own(digest), manifest)
      }
    },
  }
  await lookAgain({ inventory, lacks: [] }, reader, unread.addChanging)
  return { ...judgeStorage(inventory, () => undefined, 0), unread: unread.fact(), pauses, inventory }
}

/** A repository whose tag points to the last of these images. */
function storageOf(images: (typeof first)[], change: (storage: MadeStorage) => void = () => {}): MadeStorage {
  const storage = madeStorage()
  for (const one of images) pushTo(storage, 'app', one?.contents ?? [], '1')
  change(storage)
  return storage
}
const layerOf = (one: typeof first) => one?.images[0]?.layers[0]?.digest ?? ''

test('damage that two readings agree about counts, after one pause', async () => {
  const { images, pauses, unread } = await scan(() =>
    storageOf([first], ({ data }) => data.delete(layerOf(first))),
  )
  expect(images.broken).toHaveLength(1)
  expect(pauses).toBe(1)
  expect(unread.counts.changing).toBe(0)
})

test('a whole storage is read once', async () => {
  expect(await scan(() => storageOf([first]))).toMatchObject({ pauses: 0, images: { broken: [], whole: 1 } })
})

test('what was half written at first is read until it agrees', async () => {
  const { images, unread } = await scan((reading) =>
    reading === 0
      ? storageOf([first], ({ repositories }) => repositories.get('app')?.revisions.clear())
      : storageOf([first, second]),
  )
  expect(images).toMatchObject({ broken: [], whole: 1 })
  expect(unread.counts.changing).toBe(0)
})

test('a repository that is something else each time is unknown, and nothing is said of its images', async () => {
  // Each reading meets another push half-way: its link is there, and its data is not yet.
  const half = (reading: number) => {
    const image = multiPlatform({ seed: `push ${reading}` })
    return storageOf([image], ({ data }) => data.delete(layerOf(image)))
  }
  const { images, unread, repair } = await scan(half)
  expect(images).toMatchObject({ broken: [], unknown: 1 })
  expect(repair.steps).toEqual([])
  expect(unread.places).toMatchObject([{ path: 'repositories/app/_manifests', kind: 'changing' }])
})

test('damage in a busy repository counts, and a tag that moves is not rolled back', async () => {
  const busy = [first, second, third]
  const { images, repair } = await scan((reading) => {
    const pushed = reading === 0 ? [first, second] : busy
    return storageOf(pushed, ({ data }) => {
      for (const one of [second, third]) data.delete(layerOf(one))
    })
  })
  expect(images.broken.filter(({ tags }) => tags.length > 0)).toMatchObject([
    { digest: third?.index.manifest.digest, rollBacks: [] },
  ])
  expect(repair.steps.map(({ action }) => action)).not.toContain('roll-back')
})
