import { describe, expect, test } from 'vitest'
import { sizeSuspects } from '../../../../src/facts/queries/storage/judge/data.ts'
import { judgeStorage } from '../../../../src/facts/queries/storage/judge/judge.ts'
import { suspectsOf } from '../../../../src/facts/queries/storage/suspects.ts'
import {
  attestation,
  contentsOf,
  descriptorOf,
  type Image,
  image,
  index,
  layer,
  multiPlatform,
  rewrite,
} from '../../../../src/fake-registry/images/images.ts'
import {
  inventoryOf,
  judge,
  type MadeRepository,
  type MadeStorage,
  madeStorage,
  pushTo,
  repositoryIn,
} from '../../../support/storage/made-storage.ts'
import { sha512Image } from '../../../support/storage/sha512.ts'

const built = multiPlatform({ seed: 'judge' })
const [amd64, arm64] = built.images as [Image, Image]
const top = built.index.manifest.digest
const layerOf = ({ layers }: Image) => layers[0]?.digest ?? ''

/** A storage with one image for two platforms, after a change to its files. */
function judged(change: (files: MadeRepository, storage: MadeStorage) => void) {
  const storage = madeStorage()
  pushTo(storage, 'app', built.contents, '1')
  change(repositoryIn(storage, 'app'), storage)
  return judge(storage)
}
const only = (change: Parameters<typeof judged>[0]) => {
  const { images, ...rest } = judged(change)
  return { ...rest, images, image: images.broken[0] }
}

test('a platform that an index lists, and a nested index in it as well, counts once', () => {
  const outer = index([amd64, arm64, index([amd64, arm64])])
  const storage = madeStorage()
  pushTo(storage, 'app', contentsOf(outer), '1')
  repositoryIn(storage, 'app').layers.delete(layerOf(amd64))
  expect(judge(storage).images.broken).toMatchObject([
    { platformCount: 2, wholeCount: 1, platforms: [{ platform: 'linux/amd64' }] },
  ])
})

test('a whole storage has nothing to report', () => {
  expect(judged(() => {})).toEqual({
    images: { tags: 1, tagged: 1, whole: 1, unknown: 0, broken: [], more: 0 },
    faults: {
      tags: { items: [], more: 0 },
      lostTags: { items: [], more: 0 },
      lostManifests: { items: [], more: 0 },
      links: { items: [], more: 0 },
      linksWithoutData: { items: [], more: 0 },
      unreferenced: { count: 0, bytes: 0, first: [] },
      corrupt: { items: [], more: 0 },
      foreign: { items: [], more: 0 },
    },
    repair: { steps: [], more: 0, bytes: 0 },
  })
})

describe('an index whose child is not linked', () => {
  const { image: found, repair, images } = only(({ revisions }) => revisions.delete(arm64.manifest.digest))

  test('lacks that platform, which can be restored', () => {
    expect(images).toMatchObject({ tagged: 1, whole: 0 })
    expect(found).toMatchObject({
      ...{ repository: 'app', digest: top, kind: 'index', tags: ['1'], top: [], outcome: 'restore' },
      ...{ platformCount: 2, wholeCount: 1 },
      platforms: [
        {
          ...{ platform: 'linux/arm64', digest: arm64.manifest.digest, state: 'broken', restorable: true },
          damage: [{ place: 'link', state: 'missing', role: 'manifest', digest: arm64.manifest.digest }],
        },
      ],
    })
  })

  test('is repaired by putting the manifest with the type of its bytes', () => {
    expect(repair).toEqual({
      steps: [
        {
          ...{ action: 'put-manifest', repository: 'app', digest: arm64.manifest.digest, images: ['app:1'] },
          ...{ mediaType: arm64.manifest.mediaType, bytes: arm64.manifest.bytes.length },
        },
      ],
      more: 0,
      bytes: arm64.manifest.bytes.length,
    })
  })
})

test('the same manifest is whole in one repository and not linked in another', () => {
  const { images } = judged(({ revisions }, storage) => {
    pushTo(storage, 'copy', built.contents, '1')
    revisions.delete(arm64.manifest.digest)
  })
  expect(images).toMatchObject({ tagged: 2, whole: 1, broken: [{ repository: 'app' }] })
})

test('blobs are linked from a repository that has them, before the manifest is put', () => {
  const { repair } = judged(({ revisions, layers }, storage) => {
    pushTo(storage, 'copy', built.contents, '1')
    revisions.delete(arm64.manifest.digest)
    layers.delete(layerOf(arm64))
  })
  expect(repair.steps).toMatchObject([
    { action: 'mount-blob', from: 'copy', digest: layerOf(arm64), bytes: 0 },
    { action: 'put-manifest' },
  ])
})

test('blobs that no other repository has are uploaded from their file', () => {
  const { repair } = judged(({ layers }) => layers.delete(layerOf(arm64)))
  expect(repair.steps).toMatchObject([{ action: 'upload-blob', digest: layerOf(arm64) }])
  expect(repair.bytes).toBe(arm64.layers[0]?.bytes.length)
})

test('a repository whose name no registry accepts is no source', () => {
  const { repair } = judged(({ layers }, storage) => {
    pushTo(storage, 'Upper', built.contents, '1')
    layers.delete(layerOf(arm64))
  })
  expect(repair.steps).toMatchObject([{ action: 'upload-blob' }])
})

describe('what garbage-collect -m of registry 2.x leaves', () => {
  const after = judged(({ revisions }, storage) => {
    for (const { manifest, blobs } of built.images) {
      revisions.delete(manifest.digest)
      for (const { digest } of blobs) storage.data.delete(digest)
    }
  })

  test('must be rebuilt, after a restart', () => {
    expect(after.images.broken[0]).toMatchObject({ outcome: 'rebuild', wholeCount: 0 })
    expect(after.repair.steps.map(({ action }) => action)).toEqual(['restart', 'push-again'])
  })

  test('has links without data, which belong to the image', () => {
    expect(after.faults.linksWithoutData.items).toEqual([])
  })
})

test('an image of which one platform can be restored and the other is lost', () => {
  const { image: found, repair } = only(({ revisions }, { data }) => {
    revisions.delete(arm64.manifest.digest)
    data.delete(layerOf(amd64))
  })
  expect(found?.outcome).toBe('restore-platforms')
  expect(repair.steps.map(({ action }) => action)).toEqual(['restart', 'put-manifest', 'push-again'])
})

test('an index that is not linked is put after its children, and not at all if one of them is lost', () => {
  const unlinked = only(({ revisions }) => {
    for (const { digest } of [built.index.manifest, arm64.manifest]) revisions.delete(digest)
  })
  expect(unlinked.image).toMatchObject({ outcome: 'restore', top: [{ place: 'link', state: 'missing' }] })
  expect(unlinked.repair.steps.map(({ digest }) => digest)).toEqual([arm64.manifest.digest, top])

  const lost = only(({ revisions }, { data }) => {
    revisions.delete(top)
    data.delete(layerOf(amd64))
  })
  expect(lost.image?.outcome).toBe('rebuild')
  expect(lost.repair.steps.map(({ action }) => action)).toEqual(['restart', 'push-again'])
})

describe('blobs that are named by SHA-512', () => {
  const { plain, manifest, contents, names } = sha512Image('judge')
  const layer = plain.layers[0]?.digest ?? ''
  const named = names.get(layer) ?? ''
  /** What a push leaves: the data and a link under SHA-256, and a link of the other name to them. */
  const pushed = (...change: ((files: MadeRepository, storage: MadeStorage) => void)[]) => {
    const storage = madeStorage()
    for (const name of ['app', 'copy']) {
      pushTo(storage, name, [...plain.blobs, manifest], '1')
      for (const [kept, other] of names) repositoryIn(storage, name).layers.set(other, kept)
    }
    for (const one of change) one(repositoryIn(storage, 'app'), storage)
    return storage
  }

  test('are whole where the link of that name leads to the data', () => {
    const { images, faults, repair } = judge(pushed())
    expect([images.whole, images.broken, repair.steps]).toEqual([2, [], []])
    expect([faults.links.items, faults.linksWithoutData.items, faults.unreferenced.count]).toEqual([
      [],
      [],
      0,
    ])
  })

  test('are not read again as if they were gone', () => {
    expect(suspectsOf(inventoryOf(pushed()))).toEqual(new Map())
  })

  test('are not served where the link of that name is gone, or names itself as a mount leaves it', () => {
    for (const change of [
      ({ layers }: MadeRepository) => void layers.delete(named),
      ({ layers }: MadeRepository) => void layers.set(named, named),
    ]) {
      const { images, repair } = judge(pushed(change))
      expect(images.broken).toMatchObject([{ repository: 'app', outcome: 'restore' }])
      // A mount from the other repository would write a link that leads nowhere.
      expect(repair.steps[0]).toMatchObject({ action: 'upload-blob', digest: named, keptAs: layer })
      expect(repair.bytes).toBe(plain.layers[0]?.bytes.length)
    }
  })

  test('are as damaged as the data that they stand for', () => {
    const rotten = judge(pushed((_, { hashed }) => hashed.set(layer, 'corrupt')))
    const short = judge(pushed((_, { sizes }) => sizes.set(layer, 7)))
    const lost = judge(pushed((_, { data }) => data.delete(layer)))
    for (const { images } of [rotten, short, lost]) expect(images.whole).toBe(0)
    for (const { repair } of [rotten, short])
      expect(repair.steps[0]).toMatchObject({ action: 'move-away', digest: layer })
    expect(lost.images.broken[0]?.outcome).toBe('rebuild')
  })

  test('are whole as well where their data is kept under that name', () => {
    const storage = madeStorage()
    pushTo(storage, 'app', contents, '1')
    expect(judge(storage).images).toMatchObject({ whole: 1, broken: [] })
  })
})

describe('sizes', () => {
  test('data that no manifest states the size of is damaged, and moved away before the restart', () => {
    const { image: found, repair } = only((_, { sizes }) => sizes.set(layerOf(amd64), 100))
    expect(found?.platforms[0]?.damage).toEqual([
      {
        ...{ digest: layerOf(amd64), role: 'layer', place: 'data', state: 'wrong-size' },
        ...{ stated: amd64.layers[0]?.bytes.length, actual: 100 },
      },
    ])
    expect(repair.steps.map(({ action }) => action)).toEqual(['move-away', 'restart', 'push-again'])
  })

  const liar = rewrite(amd64.manifest, (body) => ({
    ...body,
    layers: body.layers?.map((one) => ({ ...one, size: one.size + 1 })) ?? [],
  }))
  const lied = (change: (storage: MadeStorage) => void = () => {}) =>
    only((_, storage) => {
      pushTo(storage, 'liar', [...amd64.blobs, liar], '1')
      change(storage)
    })

  test('where manifests disagree, the one that disagrees with the data is at fault', () => {
    const { image: found, images } = lied()
    expect(images.broken).toHaveLength(1)
    expect(found).toMatchObject({ repository: 'liar', outcome: 'rebuild' })
    expect(found?.platforms[0]?.damage[0]).toMatchObject({
      ...{ place: 'descriptor', state: 'wrong-size', statedBy: liar.digest },
      actual: amd64.layers[0]?.bytes.length,
    })
  })

  test('data is moved away without a look at it only where it was hashed', () => {
    const moves = (state?: 'sound' | 'corrupt') => {
      const { repair } = only((_, { sizes, hashed }) => {
        sizes.set(layerOf(amd64), 100)
        if (state) hashed.set(layerOf(amd64), state)
      })
      return repair.steps.filter(({ action }) => action === 'move-away')
    }
    expect(moves()).toMatchObject([{ digest: layerOf(amd64), isUnproven: true }])
    expect(moves('corrupt').map(({ isUnproven }) => isUnproven)).toEqual([undefined])
    expect(moves('sound')).toEqual([])
  })

  test('what only a hash can decide are sizes that no manifest confirms', () => {
    const storage = madeStorage()
    pushTo(storage, 'app', built.contents, '1')
    expect(sizeSuspects(inventoryOf(storage))).toEqual([])
    storage.sizes.set(layerOf(amd64), 100)
    const inventory = inventoryOf(storage)
    expect(sizeSuspects(inventory).map(inventory.digests.text)).toEqual([layerOf(amd64)])
    const confirmed = madeStorage()
    pushTo(confirmed, 'app', contentsOf(amd64), '1')
    pushTo(confirmed, 'liar', [...amd64.blobs, liar], '1')
    expect(sizeSuspects(inventoryOf(confirmed))).toEqual([])
  })

  test('data that was hashed is right, whatever the manifests state', () => {
    const storage = madeStorage()
    pushTo(storage, 'liar', [...amd64.blobs, liar], '1')
    expect(judge(storage).images.broken[0]?.platforms[0]?.damage[0]?.place).toBe('data')
    for (const { digest } of amd64.layers) storage.hashed.set(digest, 'sound')
    expect(judge(storage).images.broken[0]?.platforms[0]?.damage[0]?.place).toBe('descriptor')
  })

  test('data that was hashed and is corrupt is no proof of a size', () => {
    const { images } = lied(({ hashed }) => hashed.set(layerOf(amd64), 'corrupt'))
    expect(images.broken.map(({ repository }) => repository)).toEqual(['app', 'liar'])
  })
})

test('corrupt data is moved away, and hurts every repository', () => {
  const { images, repair } = judged((_, storage) => {
    pushTo(storage, 'copy', built.contents, '1')
    storage.hashed.set(layerOf(amd64), 'corrupt')
  })
  expect(images.broken.map(({ repository }) => repository)).toEqual(['app', 'copy'])
  expect(repair.steps).toMatchObject([
    { action: 'move-away', images: ['app:1', 'copy:1'] },
    { action: 'restart' },
    { action: 'push-again', repository: 'app' },
    { action: 'push-again', repository: 'copy' },
  ])
})

describe('broken links', () => {
  test.each([
    ['empty', ''],
    ['malformed', 'sha256:nonsense'],
    ['other', amd64.manifest.digest],
  ])('a revision link that is %s', (state, text) => {
    const {
      faults,
      repair,
      image: found,
    } = only(({ revisions }) => revisions.set(arm64.manifest.digest, text))
    expect(faults.links.items).toMatchObject([
      { kind: 'revision', digest: arm64.manifest.digest, state, hasData: true },
    ])
    expect(found?.outcome).toBe('restore')
    const restart = state === 'other' ? ['restart-again'] : []
    expect(repair.steps.map(({ action }) => action)).toEqual(['put-manifest', ...restart])
  })

  test('a link that could not be read makes the image unknown, not broken', () => {
    const { images } = judged(({ revisions }) => revisions.set(arm64.manifest.digest, 'unreadable'))
    expect(images).toMatchObject({ whole: 0, unknown: 1, broken: [] })
  })

  test('a SHA-512 digest is linked to the SHA-256 digest of the same bytes', () => {
    const { faults } = judged(({ revisions }) =>
      revisions.set(`sha512:${'a'.repeat(128)}`, arm64.manifest.digest),
    )
    expect(faults.links.items).toEqual([])
  })

  test.each([
    ['empty', ''],
    ['malformed', 'x'],
    ['missing', undefined],
  ])('a tag link that is %s is pointed to what was pushed last', (link, current) => {
    const { faults, repair, images } = judged(({ tags }) => tags.set('1', { current, history: [top] }))
    expect(images).toMatchObject({ tagged: 1, whole: 0, broken: [] })
    expect(faults.tags.items).toMatchObject([
      { repository: 'app', tag: '1', link, last: { digest: top, pullable: true } },
    ])
    expect(repair.steps).toMatchObject([{ action: 'put-tag', tag: '1', digest: top }])
  })

  test('a tag without history cannot be pointed anywhere', () => {
    const { faults, repair } = judged(({ tags }) => tags.set('2', { current: undefined, history: [] }))
    expect(faults.tags.items).toEqual([{ repository: 'app', tag: '2', link: 'missing' }])
    expect(repair.steps).toEqual([])
  })
})

describe('a tag that pointed to other images before', () => {
  const [older, old] = ['older', 'old'].map((seed) => multiPlatform({ seed }))
  const withHistory = (change: (files: MadeRepository, storage: MadeStorage) => void) =>
    only((files, storage) => {
      files.tags.clear()
      for (const one of [older, old, built]) pushTo(storage, 'app', one?.contents ?? [], '1')
      storage.data.delete(layerOf(amd64))
      storage.data.delete(layerOf(arm64))
      change(files, storage)
    })

  test('can be rolled back to the newest one that is whole', () => {
    const { image: found, repair } = withHistory(() => {})
    expect(found).toMatchObject({
      outcome: 'roll-back',
      rollBacks: [{ tag: '1', digest: old?.index.manifest.digest }],
    })
    expect(repair.steps.map(({ action }) => action)).toEqual(['restart', 'roll-back', 'push-again'])
    expect(repair.steps[1]).toMatchObject({ tag: '1', digest: old?.index.manifest.digest })
  })

  test('names those that may be the newest where a copy of the storage made their times equal, and proposes none', () => {
    const { image: found, repair } = withHistory((_, storage) => {
      storage.pushedEvery = 10
    })
    expect(found).toMatchObject({
      outcome: 'roll-back',
      rollBacks: [{ tag: '1', others: [expect.stringMatching(/^sha256:/)] }],
    })
    const named = found?.rollBacks.flatMap(({ digest, others = [] }) => [digest, ...others])
    expect(named?.toSorted()).toEqual([older, old].map((one) => one?.index.manifest.digest ?? '').toSorted())
    expect(repair.steps.map(({ action }) => action)).toEqual(['restart', 'push-again'])
  })

  test('is not rolled back while it is being pushed', () => {
    const storage = madeStorage()
    for (const one of [old, built]) pushTo(storage, 'app', one?.contents ?? [], '1')
    storage.data.delete(layerOf(amd64))
    const inventory = inventoryOf(storage)
    for (const { tags } of inventory.repositories) for (const tag of tags) tag.hasMoved = true
    const { images, repair } = judgeStorage(inventory, () => undefined, Date.UTC(2026, 10, 1))
    expect(images.broken).toMatchObject([{ outcome: 'rebuild', rollBacks: [] }])
    expect(repair.steps.map(({ action }) => action)).not.toContain('roll-back')
  })

  test('passes over one that is not whole', () => {
    const { image: found } = withHistory(({ revisions }) =>
      revisions.delete(old?.images[0]?.manifest.digest ?? ''),
    )
    expect(found?.rollBacks.map(({ digest }) => digest)).toEqual([older?.index.manifest.digest])
  })

  test('each of its tags is rolled back to its own, whatever order a disk lists them in', () => {
    const { image: found, repair } = withHistory(({ tags }) => {
      const [first, second] = [older, old].map((one) => one?.index.manifest.digest ?? '')
      tags.clear()
      for (const [tag, history] of [
        ['latest', [second, top]],
        ['v1.10', [first, top]],
        ['new', [top]],
        ['v1.9', [first, second, top]],
      ] as const)
        tags.set(tag, { current: top, history: [...history].map((one) => one ?? '') })
    })
    expect(found?.tags).toEqual(['latest', 'new', 'v1.9', 'v1.10'])
    const steps = (action: string) =>
      repair.steps.filter((step) => step.action === action).map(({ tag, digest }) => [tag, digest])
    expect(steps('roll-back')).toEqual([
      ['latest', old?.index.manifest.digest],
      ['v1.9', old?.index.manifest.digest],
      ['v1.10', older?.index.manifest.digest],
    ])
    expect(steps('push-again').map(([tag]) => tag)).toEqual(found?.tags)
  })
})

describe('what is no fault', () => {
  test('a sparse index: platforms of which there is no trace', () => {
    const {
      image: found,
      images,
      repair,
    } = only(({ revisions, layers }, { data }) => {
      revisions.delete(arm64.manifest.digest)
      for (const { digest } of [arm64.manifest, ...arm64.blobs]) {
        data.delete(digest)
        layers.delete(digest)
      }
    })
    expect(images.whole).toBe(1)
    expect(found).toMatchObject({
      outcome: 'none',
      platforms: [{ platform: 'linux/arm64', state: 'absent' }],
    })
    expect(repair.steps).toEqual([])
  })

  test('an index without any trace of its platforms is broken', () => {
    const { image: found } = only(({ revisions }, { data }) => {
      for (const { manifest } of built.images) {
        revisions.delete(manifest.digest)
        data.delete(manifest.digest)
      }
    })
    expect(found?.outcome).toBe('rebuild')
  })

  test.each([undefined, ''])(
    'a tag whose link is %j is put back from its history, without a link of its index',
    (current) => {
      const {
        image: found,
        faults,
        repair,
      } = only(({ tags, revisions }) => {
        tags.set('1', { current, history: [top] })
        revisions.delete(top)
      })
      expect(found).toMatchObject({ kind: 'index', digest: top, outcome: 'restore', wholeCount: 0 })
      expect(faults.tags.items).toMatchObject([{ tag: '1', last: { digest: top, pullable: true } }])
      expect(repair.steps.map(({ action, digest, tag }) => [action, digest, tag])).toEqual([
        ['put-manifest', top, undefined],
        ['put-tag', top, '1'],
      ])
    },
  )

  test('a pull-through cache lacks what was never pulled', () => {
    const { images, faults, repair } = judged(({ revisions, layers }, storage) => {
      storage.isCache = true
      revisions.delete(arm64.manifest.digest)
      storage.data.delete(arm64.manifest.digest)
      storage.data.delete(layerOf(amd64))
      layers.delete(amd64.config.digest)
    })
    expect(images).toMatchObject({ whole: 1, broken: [] })
    expect([faults.linksWithoutData.items, repair.steps]).toEqual([[], []])
  })

  test('damaged data in a pull-through cache is fetched again once it is moved away', () => {
    const { image: found, repair } = only((_, storage) => {
      storage.isCache = true
      storage.sizes.set(layerOf(amd64), 1)
    })
    expect(found?.outcome).toBe('fetch-again')
    expect(repair.steps.map(({ action }) => action)).toEqual(['move-away', 'restart'])
  })

  test('foreign layers are served by others', () => {
    const foreign = {
      ...layer({ a: 'a' }),
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    }
    const windows = image('windows/amd64', { layers: [foreign, layer({ b: 'b' })] })
    const { images } = judged(({ layers }, storage) => {
      pushTo(storage, 'windows', contentsOf(windows), '1')
      repositoryIn(storage, 'windows').layers.delete(foreign.digest)
      layers.delete(foreign.digest)
      storage.data.delete(foreign.digest)
    })
    expect(images.broken).toEqual([])
  })

  test('an index that lists itself, or blobs, ends', () => {
    const cache = index([descriptorOf(amd64.layers[0] ?? amd64.config), descriptorOf(amd64.config)])
    const { images } = judged((_, storage) => pushTo(storage, 'cache', [...amd64.blobs, cache.manifest], '1'))
    expect(images.broken).toEqual([])
  })
})

test('a lost attestation breaks no pull, and is restored where it can be', () => {
  const proof = attestation(amd64)
  const attested = index([amd64, proof])
  const of = (change: (files: MadeRepository, storage: MadeStorage) => void) => {
    const storage = madeStorage()
    pushTo(storage, 'app', contentsOf(attested), '1')
    change(repositoryIn(storage, 'app'), storage)
    return judge(storage)
  }
  const unlinked = of(({ revisions }) => revisions.delete(proof.manifest.digest))
  expect(unlinked.images).toMatchObject({
    whole: 1,
    broken: [{ outcome: 'restore', attestations: { listed: 1, broken: 1 } }],
  })
  const lost = of((_, { data }) => data.delete(proof.manifest.digest))
  expect(lost.images).toMatchObject({ whole: 1, broken: [{ outcome: 'none', platforms: [] }] })
  expect(lost.repair.steps).toEqual([])
})

test('an untagged image is judged, but not pushed again', () => {
  const { images, repair } = judged(({ tags }, { data }) => {
    tags.clear()
    data.delete(layerOf(amd64))
  })
  expect(images).toMatchObject({ tags: 0, tagged: 0, broken: [{ tags: [], digest: top }] })
  expect(repair.steps).toEqual([])
})

test('data that nothing names is counted, unless it was written today', () => {
  const { faults } = judged((_, { data }) => data.set(`sha256:${'e'.repeat(64)}`, Buffer.from('left')))
  expect(faults.unreferenced).toEqual({ count: 1, bytes: 4, first: [`sha256:${'e'.repeat(64)}`] })
})

test('links without data that no image needs are counted by repository', () => {
  const { faults } = judged(({ layers }) =>
    layers.set(`sha256:${'f'.repeat(64)}`, `sha256:${'f'.repeat(64)}`),
  )
  expect(faults.linksWithoutData.items).toEqual([{ repository: 'app', count: 1 }])
})

test('names that no registry accepts, as in a hostile storage, are not part of any step', () => {
  const storage = madeStorage()
  pushTo(storage, 'a;rm -rf $(x)', built.contents, '1')
  pushTo(storage, 'app', built.contents, '$(id)')
  repositoryIn(storage, 'a;rm -rf $(x)').revisions.delete(arm64.manifest.digest)
  storage.data.delete(layerOf(amd64))
  expect(judge(storage).repair.steps).toEqual([])
})

test('at most 200 images are listed, those with tags first', () => {
  const storage = madeStorage()
  for (let at = 0; at < 210; at += 1) {
    const one = image('linux/amd64', { layers: [layer({ at: `${at}` })] })
    pushTo(storage, 'many', contentsOf(one), at < 5 ? undefined : `${at}`)
    storage.data.delete(one.config.digest)
  }
  const { images } = judge(storage)
  expect([images.broken.length, images.more]).toEqual([200, 10])
  expect(images.broken.every(({ tagCount }) => tagCount === 1)).toBe(true)
})

test('a made storage is read as a scan reads a real one', () => {
  const storage = madeStorage()
  pushTo(storage, 'app', built.contents, '1')
  const { repositories, blobs, manifests } = inventoryOf(storage)
  expect([repositories[0]?.layers.equal.length, blobs.count(), manifests.size]).toEqual([6, 9, 3])
})
