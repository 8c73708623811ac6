import { renameSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { storageFact } from '../../../src/facts/queries/storage/storage-fact.ts'
import { contentsOf, image, index } from '../../../src/fake-registry/images/images.ts'
import type { Reading } from '../../../src/observe/storage/reading.ts'
import { randomRoot } from '../../storage/random-root.ts'
import { withRoot } from '../../storage/root-on-disk.ts'
import { dataOf, linksOf, type MadeRoot, makeRoot } from '../../support/storage/made-root.ts'
import { readStorage } from './kit.ts'

const dayMs = 24 * 60 * 60 * 1000
/** All that a test writes is older than a day then. */
const later = Date.now() + 2 * dayMs

const factOf = (reading: Reading) =>
  storageFact({
    ...{ root: '/storage', readMs: 0, readAt: later, gc: {}, hashing: undefined },
    ...reading,
    base: 'docker/registry/v2',
  })

/** The digests of data that is kept, and not only counted. */
const kept = ({ inventory: { blobs, digests } }: Reading) => [...blobs.all()].map(digests.text).toSorted()
const made256 = (at: number) => `sha256:${at.toString(16).padStart(64, '0')}`

/** Without the first of the data that nothing names: any may be. */
const comparable = (fact: ReturnType<typeof factOf>) => {
  const unreferenced = { ...fact.judged?.faults.unreferenced, first: [] }
  return { ...fact, judged: { ...fact.judged, faults: { ...fact.judged?.faults, unreferenced } } }
}

test.each(Array.from({ length: 60 }, (_, at) => 3_000_000 + at))(
  'storage %i is judged and forecast as if all data had been kept',
  async (seed) => {
    await withRoot(randomRoot(seed), async ({ root, layout }) => {
      for (const at of [1, 2, 3]) writeFileSync(join(layout, `blobs/extra-${at}`), 'not data, and no stop')
      const all = await readStorage(root, { startedAt: later })
      const named = await readStorage(root, { startedAt: later, keepsAll: false })
      expect(comparable(factOf(named))).toEqual(comparable(factOf(all)))
      expect(kept(named).length + named.inventory.blobs.unnamed().count).toBe(kept(all).length)
      expect(named.inventory.blobs.count()).toBe(all.inventory.blobs.count())
    })
  },
)

describe('data that nothing names', () => {
  let made: MadeRoot
  beforeEach(() => {
    made = makeRoot()
  })
  afterEach(() => made.clear())
  const scan = (pause = async () => {}) =>
    readStorage(made.root, { keepsAll: false, startedAt: later, pause })

  test('is counted, and what an index or a manifest without a link names is kept', async () => {
    const contents = contentsOf(index([image('linux/amd64'), image('linux/arm64')]))
    await made.push('app', contents, 'latest')
    for (const { digest, kind } of contents.slice(0, -1))
      await made.remove(kind === 'manifest' ? linksOf('app').revision(digest) : linksOf('app').layer(digest))
    for (const at of [1, 2, 3]) await made.write(dataOf(made256(at)), 'x'.repeat(at))
    const reading = await scan()
    expect(kept(reading)).toEqual(contents.map(({ digest }) => digest).toSorted())
    expect(reading.inventory.blobs.unnamed()).toEqual({
      ...{ count: 3, bytes: 6 },
      settled: { count: 3, bytes: 6, first: expect.arrayContaining([1, 2, 3].map(made256)) },
    })
    const fact = factOf(reading)
    expect(fact.layout).toMatchObject({ value: { counts: { blobs: contents.length + 3 } } })
    expect(fact.judged?.faults.unreferenced).toMatchObject({ count: 3, bytes: 6 })
    expect(fact.forecast?.runs.every(({ freed }) => freed.blobs >= 3)).toBe(true)
  })

  test('is no fault where a manifest that may name it could not be read', async () => {
    const contents = contentsOf(index([image('linux/amd64'), image('linux/arm64')]))
    await made.push('app', contents, 'latest')
    for (const { digest, kind } of contents.slice(0, -1))
      await made.remove(kind === 'manifest' ? linksOf('app').revision(digest) : linksOf('app').layer(digest))
    await made.write(dataOf(made256(1)), 'any')
    expect(factOf(await scan()).judged?.faults.unreferenced.count).toBe(1)
    const top = join(made.base, dataOf(contents.at(-1)?.digest ?? ''))
    renameSync(top, join(made.root, 'elsewhere'))
    // A registry follows it, so that a garbage collection keeps what the index names.
    symlinkSync(join(made.root, 'elsewhere'), top)
    const reading = await scan()
    expect(reading.inventory.blobs.unnamed().settled.count).toBe(1)
    expect(factOf(reading).judged?.faults.unreferenced).toEqual({ count: 0, bytes: 0, first: [] })
  })

  test('is no fault while it is young, and is freed nevertheless', async () => {
    await made.pushImage('app', 'latest')
    await made.write(dataOf(made256(1)), 'old')
    await made.write(dataOf(made256(2)), 'young')
    utimesSync(join(made.base, dataOf(made256(2))), later / 1000 - 60, later / 1000 - 60)
    const fact = factOf(await scan())
    expect(fact.judged?.faults.unreferenced).toEqual({ count: 1, bytes: 3, first: [made256(1)] })
    expect(fact.forecast?.runs.map(({ freed }) => freed.blobs)).toEqual([2, 2, 2, 2])
  })

  test('that an image names which is pushed meanwhile counts once, as data of the image', async () => {
    await made.pushImage('app', 'latest')
    const newer = contentsOf(index([image('linux/arm64')]))
    for (const { digest, bytes } of newer) await made.write(dataOf(digest), bytes)
    await made.write(dataOf(made256(1)), 'other')
    // What looks wrong is read again.
    await made.write(linksOf('app').tag('latest'), '')
    const before = Date.now()
    const reading = await scan(async () => {
      expect(Date.now()).toBeGreaterThanOrEqual(before)
      const links = linksOf('app')
      for (const { digest, kind } of newer)
        await made.write(kind === 'manifest' ? links.revision(digest) : links.layer(digest), digest)
      await made.write(links.tag('latest'), newer.at(-1)?.digest ?? '')
    })
    expect(newer.filter(({ digest }) => !kept(reading).includes(digest))).toEqual([])
    expect(reading.inventory.blobs.unnamed()).toMatchObject({ count: 1, bytes: 5 })
    expect(factOf(reading).judged?.images).toMatchObject({ tagged: 1, whole: 1 })
  })

  test('has its own place beside a misplaced file of the same digest', async () => {
    await made.pushImage('app', 'latest')
    await made.write(dataOf(made256(1)), 'right')
    await made.write(`blobs/sha256/${made256(1).slice(7)}/data`, 'misplaced')
    const { inventory } = await scan()
    expect(inventory.strays).toMatchObject([{ kind: 'misplaced' }])
    expect(inventory.blobs.size(inventory.digests.find(made256(1)) ?? -1)).toBe(5)
    expect(inventory.blobs.unnamed().count).toBe(0)
  })

  test('is kept where it has holes, as it is hashed then, unless very many have', async () => {
    await made.pushImage('app', 'latest')
    for (let at = 0; at < 120; at += 1) {
      await made.write(dataOf(made256(at)), '')
      truncateSync(join(made.base, dataOf(made256(at))), 1024 * 1024)
    }
    const reading = await scan()
    expect(kept(reading).filter((digest) => digest.startsWith('sha256:00000000'))).toHaveLength(100)
    expect(reading.inventory.blobs.unnamed().count).toBe(20)
    const hashing = await reading.hash?.({
      ...{ isFull: false, signal: new AbortController().signal, now: () => later, progress: () => {} },
    })
    expect(hashing).toMatchObject({ fact: { sparse: { count: 120 }, wrong: [] } })
  })
})
