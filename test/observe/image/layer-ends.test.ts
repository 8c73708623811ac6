import { describe, expect, test } from 'vitest'
import { contentsOf, image, type Layer, randomLayer } from '../../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry } from '../../../src/fake-registry/registry.ts'
import { sure, useRegistries } from '../kit.ts'
import { causesText, layerDigest, proofOf, pushLayers, requestsFor, verdictOf, verifyApp } from './app.ts'
import { sha256 } from './frames.ts'

const start = useRegistries()
const mib = 1024 * 1024

function push(registry: EmbeddedRegistry, ...layers: Layer[]): void {
  registry.store.push('app', contentsOf(image('linux/amd64', { layers })), '1')
}
const zeroed = (bytes: Buffer, count: number): Buffer =>
  Buffer.concat([bytes.subarray(0, -count), Buffer.alloc(count)])
const gzipped = (bytes: number): Layer => randomLayer({ bytes, seed: 'end', compression: 'gzip' })
/** The layer as a build would push it: its digest is that of these bytes. */
const pushedAs = (layer: Layer, bytes: Buffer): Layer => ({ ...layer, bytes, digest: sha256(bytes) })

describe.each([3000, 700_000])('a layer of %i bytes at depth probe', (size) => {
  test.each([1, 2, 7, 8, 511, 512])('whose body ends %i bytes early is truncated', async (missing) => {
    const registry = await start()
    const pushed = pushLayers(registry, size, size + 5000)
    const { length } = sure(pushed.layers[0]).bytes
    registry.faults.add({ digest: layerDigest(pushed) }, { truncateTo: length - missing, as: 'warm' })
    expect(verdictOf(await verifyApp(registry))).toEqual([1, ['blob-truncated'], []])
  })
})

describe('a gzip layer whose trailer is zeros', () => {
  test('in the storage is corrupt', async () => {
    const registry = await start()
    const layer = gzipped(20_000)
    push(registry, layer)
    registry.faults.add({ digest: layer.digest }, { bytes: zeroed(layer.bytes, 8) })
    expect(verdictOf(await verifyApp(registry, { sample: '0' }))).toEqual([1, ['blob-corrupt'], []])
    expect(requestsFor(registry, layer.digest)).toEqual(['GET 206', 'GET 200'])
  })

  test('as it was pushed is found however it is read', async () => {
    const registry = await start()
    const layer = gzipped(20_000)
    push(registry, pushedAs(layer, zeroed(layer.bytes, 8)))
    for (const sample of ['0', '1'])
      expect(verdictOf(await verifyApp(registry, { sample }))).toEqual([1, ['gzip-trailer-invalid'], []])
    registry.behaviour.ignoreRanges = true
    expect(verdictOf(await verifyApp(registry))).toEqual([1, ['gzip-trailer-invalid'], []])
  })

  test('and that is too large to read is judged by its trailer', async () => {
    const registry = await start()
    const layer = gzipped(9 * mib)
    push(registry, layer)
    registry.faults.add({ digest: layer.digest }, { bytes: zeroed(layer.bytes, 8) })
    const report = await verifyApp(registry, { probe_budget: '0' })
    expect(verdictOf(report)).toEqual([1, ['gzip-trailer-invalid'], []])
    expect(causesText(report)).toContain('layers[0]: the last 8 bytes are zeros')
    expect(requestsFor(registry, layer.digest)).toEqual(['GET 206', 'GET 206'])
  })
})

describe('a layer under the media type of gzip that is a plain tar, which clients accept', () => {
  test.each([
    ['small', 3000],
    ['too large to read', 9 * mib],
  ])('and %s is healthy', async (_, bytes) => {
    const registry = await start()
    const plain = randomLayer({ bytes, seed: 'plain', compression: 'none' })
    push(registry, { ...plain, mediaType: gzipped(10).mediaType })
    expect(verdictOf(await verifyApp(registry, { probe_budget: '0' }))).toEqual([0, [], []])
  })
})

describe('a zstd layer whose tail is zeros', () => {
  const layer = randomLayer({ bytes: 20_000, seed: 'end', compression: 'zstd' })

  test('in the storage is corrupt', async () => {
    const registry = await start()
    push(registry, layer)
    registry.faults.add({ digest: layer.digest }, { bytes: zeroed(layer.bytes, 600) })
    expect(verdictOf(await verifyApp(registry, { sample: '0' }))).toEqual([1, ['blob-corrupt'], []])
  })

  test('in a skippable frame is healthy', async () => {
    const registry = await start()
    const frame = Buffer.alloc(1008)
    frame.writeUInt32LE(0x184d2a50, 0)
    frame.writeUInt32LE(1000, 4)
    push(registry, pushedAs(layer, Buffer.concat([layer.bytes, frame])))
    const report = await verifyApp(registry, { sample: '0' })
    expect(verdictOf(report)).toEqual([0, [], []])
    expect(proofOf(report)).toMatchObject({ whole: 2, lastByte: 0 })
  })
})
