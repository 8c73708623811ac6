import { existsSync } from 'node:fs'
import { rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Image, multiPlatform } from '../../src/fake-registry/images/images.ts'
import { push } from '../support/push.ts'
import { generations, registry3 } from '../support/real-generations.ts'
import type { RealRegistry } from '../support/real-registry.ts'
import { layoutOf } from '../support/storage/layout.ts'
import { scanRoot, takeSteps } from '../support/storage/scan-root.ts'
import { until } from '../support/until.ts'

const { images, index, contents } = multiPlatform({ seed: 'sparse' })
const [amd64, arm64] = images as [Image, Image]
const [layer] = amd64.layers

for (const generation of generations) {
  generation.suite()(`the storage of a pull-through cache on ${generation.name}`, () => {
    let upstream: RealRegistry
    let cache: RealRegistry

    /** The requests of a client of one platform; the bytes of the layer. */
    const pull = async (): Promise<number | undefined> => {
      const accept = [index.manifest.mediaType, amd64.manifest.mediaType].join()
      const paths = [
        ...['manifests/1', `manifests/${amd64.manifest.digest}`],
        ...amd64.blobs.map(({ digest }) => `blobs/${digest}`),
      ]
      let length: number | undefined
      for (const path of paths) {
        const answer = await fetch(`http://${cache.host}/v2/app/${path}`, { headers: { accept } })
        const bytes = await answer.arrayBuffer().catch(() => undefined)
        if (path.endsWith(layer?.digest ?? '')) length = bytes?.byteLength
      }
      return length
    }
    // The cache stores blobs a moment after it has sent them.
    const isKept = () =>
      until('the cache keeps every blob', async () => {
        const sizes = await Promise.all(
          amd64.blobs.map(({ digest }) =>
            stat(layoutOf(cache.root).data(digest)).then(
              ({ size }) => size,
              () => 0,
            ),
          ),
        )
        return amd64.blobs.every(({ bytes }, at) => sizes[at] === bytes.length)
      })

    beforeAll(async () => {
      upstream = await generation.start()
      await push(upstream.host, 'app', contents, { tag: '1' })
      cache = await generation.start({ config: { proxy: { remoteurl: `http://${upstream.host}` } } })
      await pull()
      await isKept()
      // The file that marks a cache; it is written every 5 s.
      const mark = join(cache.root, 'scheduler-state.json')
      await until('the cache has written its state', () => existsSync(mark))
    })
    afterAll(async () => {
      for (const one of [cache, upstream]) await one?.stop()
    })

    test('lacks what was never pulled, without a fault', async () => {
      const { images: judged, repair } = await scanRoot(cache.root)
      expect([judged.tagged, judged.whole, judged.broken, repair.steps]).toEqual([1, 1, [], []])
    })

    test('has only manifests where nothing else was pulled, which is no loss, however the cache is recognised', async () => {
      // Some clients ask for digests alone. A cache that keeps everything writes no state.
      const young = await generation.start({ config: { proxy: { remoteurl: `http://${upstream.host}` } } })
      const accept = [index.manifest.mediaType, amd64.manifest.mediaType].join()
      for (const reference of ['1', amd64.manifest.digest])
        await (
          await fetch(`http://${young.host}/v2/app/manifests/${reference}`, { headers: { accept } })
        ).arrayBuffer()
      await until('the cache keeps both manifests', async () => {
        const { images: judged } = await scanRoot(young.root, { isCache: true })
        return judged.tagged === 1
      })
      const mark = join(young.root, 'scheduler-state.json')
      const known = await scanRoot(young.root, { isCache: true })
      expect([known.images.broken, known.repair.steps]).toEqual([[], []])
      await until('the cache has written its state', () => existsSync(mark))
      expect((await scanRoot(young.root)).images.broken).toEqual([])
      await rm(mark)
      expect((await scanRoot(young.root)).images.broken).toHaveLength(1)
      await young.stop()
    })

    test('fetches a damaged blob again once it is moved away', async () => {
      await truncate(layoutOf(cache.root).data(layer?.digest ?? ''), 100)
      await cache.restart()
      expect(await pull()).toBe(100)
      const { images: judged, repair } = await scanRoot(cache.root)
      expect(judged.broken.map(({ outcome }) => outcome)).toEqual(['fetch-again'])
      expect(repair.steps.map(({ action }) => action)).toEqual(['move-away', 'restart'])
      await takeSteps(repair.steps, cache)
      expect(await pull()).toBe(layer?.bytes.length)
      await isKept()
    })
  })
}

registry3.suite()('an index that is sparse on purpose, which registry 3 allows', () => {
  let registry: RealRegistry
  beforeAll(async () => {
    registry = await registry3.start({
      config: { validation: { manifests: { indexes: { platforms: 'none' } } } },
    })
    const missing = new Set([arm64.manifest, ...arm64.blobs].map(({ digest }) => digest))
    const some = contents.filter(({ digest }) => !missing.has(digest))
    await push(registry.host, 'app', some, { tag: '1' })
  })
  afterAll(() => registry?.stop())

  test('can be pulled, and has nothing to repair', async () => {
    const { images: judged, repair } = await scanRoot(registry.root)
    expect([judged.tagged, judged.whole, repair.steps]).toEqual([1, 1, []])
    expect(judged.broken).toMatchObject([
      { outcome: 'none', platforms: [{ platform: 'linux/arm64', state: 'absent' }] },
    ])
  })
})
