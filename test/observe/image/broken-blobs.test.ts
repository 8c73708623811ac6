import { describe, expect, test } from 'vitest'
import { contentsOf, descriptorOf, image, index, rewrite } from '../../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry, Fault } from '../../../src/fake-registry/registry.ts'
import { sure, useRegistries } from '../kit.ts'
import {
  causesOf,
  causesText,
  layerDigest,
  pushLayers,
  requestsFor,
  type Verdict,
  verdictOf,
  verifyApp,
} from './app.ts'

const start = useRegistries()
const size = 3000
const depths = ['probe', 'full']

/** Cuts each of the next downloads of a blob at another byte. */
function cutAt(registry: EmbeddedRegistry, digest: string, ...bytes: number[]): void {
  bytes.forEach((cut, skip) => {
    registry.faults.add({ digest, method: 'GET', skip, times: 1 }, { cutBodyAfter: cut })
  })
}

describe.each(depths)('at depth %s', (depth) => {
  const faults: [string, Fault, Verdict[1]][] = [
    ['stale in the cache and missing from the storage', { staleCache: true }, ['stale-blob-cache']],
    ['truncated, which the registry knows', { truncateTo: 1000, as: 'cold' }, ['blob-truncated']],
    ['truncated, which the registry does not know', { truncateTo: 1000, as: 'warm' }, ['blob-truncated']],
    ['truncated by its last byte', { truncateTo: 4607, as: 'warm' }, ['blob-truncated']],
    ['an empty file', { truncateTo: 0, as: 'cold' }, ['blob-empty']],
    ['replaced by longer content', { bytes: Buffer.alloc(9000, 1) }, ['blob-corrupt']],
  ]

  test.each(faults)('a layer that is %s is found', async (_, fault, causes) => {
    const registry = await start()
    const pushed = pushLayers(registry, size, size + 1)
    registry.faults.add({ digest: layerDigest(pushed) }, fault)
    const report = await verifyApp(registry, { depth })
    expect(verdictOf(report)).toEqual([1, causes, []])
    expect(report.causes[0]?.findings.map(({ digest }) => digest)).toEqual([layerDigest(pushed)])
  })

  test('a missing layer is found', async () => {
    const registry = await start()
    const pushed = pushLayers(registry, size)
    registry.store.remove('app', layerDigest(pushed))
    expect(verdictOf(await verifyApp(registry, { depth }))).toEqual([1, ['layer-missing'], []])
  })

  test('a missing config is found', async () => {
    const registry = await start()
    registry.store.remove('app', pushLayers(registry, size).config.digest)
    expect(verdictOf(await verifyApp(registry, { depth }))).toEqual([1, ['config-missing'], []])
  })

  test('a config with other bytes is found', async () => {
    const registry = await start()
    const { config } = pushLayers(registry, size)
    registry.faults.add({ digest: config.digest }, { bytes: Buffer.alloc(config.bytes.length, 0x20) })
    expect(verdictOf(await verifyApp(registry, { depth }))).toEqual([1, ['blob-corrupt'], []])
  })
})

test.each(['head', 'probe', 'full'])(
  'a 404 for a layer that no registry sends does not make it missing at depth %s',
  async (depth) => {
    const registry = await start()
    const digest = layerDigest(pushLayers(registry, size))
    const unmarked = { dropHeader: 'docker-distribution-api-version' }
    registry.faults.add({ digest }, { status: 404, body: '' }, unmarked)
    expect(verdictOf(await verifyApp(registry, { depth }))).toEqual([3, ['not-a-registry'], []])
  },
)

describe.each(['head', 'probe', 'full'])('a manifest at depth %s', (depth) => {
  test.each([-1, 1])('with a size wrong by %i is at fault, not the blob', async (lie) => {
    const registry = await start()
    const healthy = image('linux/amd64')
    const base = sure(healthy.layers[0])
    const manifest = rewrite(healthy.manifest, (body) => ({
      ...body,
      layers: [descriptorOf(base, { size: base.bytes.length + lie })],
    }))
    registry.store.push('app', [...healthy.blobs, manifest], '1')
    expect(verdictOf(await verifyApp(registry, { depth }))).toEqual([1, ['size-mismatch'], []])
  })

  test('with another size than in its index is found', async () => {
    const registry = await start()
    const child = image('linux/amd64')
    const top = index([
      descriptorOf(child.manifest, { size: 1, platform: { os: 'linux', architecture: 'amd64' } }),
    ])
    registry.store.push('app', [...contentsOf(child), top.manifest], '1')
    expect(verdictOf(await verifyApp(registry, { depth }))).toEqual([1, ['size-mismatch'], []])
  })
})

describe('a large layer that is truncated', () => {
  test('is detected by the length that the registry reports, without a download', async () => {
    const registry = await start()
    const mib = 1024 * 1024
    const pushed = pushLayers(registry, 20 * mib)
    registry.faults.add({ digest: layerDigest(pushed) }, { truncateTo: 12 * mib, as: 'cold' })
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([1, ['blob-truncated'], []])
    expect(causesText(report)).toContain(`${12 * mib} bytes`)
    expect(report.totals.readBytes).toBeLessThan(mib)
  })
})

describe('bit rot that keeps the length', () => {
  test('is found at depth full, and at depth probe only in the sample', async () => {
    const registry = await start()
    const pushed = pushLayers(registry, size)
    const length = sure(pushed.layers[0]).bytes.length
    registry.faults.add({ digest: layerDigest(pushed) }, { bytes: Buffer.alloc(length, 7) })
    expect(verdictOf(await verifyApp(registry, { sample: '0' }))).toEqual([0, [], []])
    expect(verdictOf(await verifyApp(registry))).toEqual([1, ['blob-corrupt'], []])
    expect(verdictOf(await verifyApp(registry, { depth: 'full' }))).toEqual([1, ['blob-corrupt'], []])
  })
})

describe('a download that breaks off', () => {
  test('at the same byte twice is a truncated blob', async () => {
    const registry = await start()
    const digest = layerDigest(pushLayers(registry, size))
    registry.faults.add({ digest }, { truncateTo: 1000, as: 'warm' })
    const report = await verifyApp(registry, { depth: 'full' })
    expect(verdictOf(report)).toEqual([1, ['blob-truncated'], []])
    expect(causesText(report)).toContain('1000 bytes, then the connection closed (twice at the same byte)')
    expect(requestsFor(registry, digest)).toHaveLength(3)
  })

  test('at the same byte twice is a fault of the network path, if the last byte can be read', async () => {
    const registry = await start()
    const digest = layerDigest(pushLayers(registry, size))
    cutAt(registry, digest, 1000, 1000)
    const report = await verifyApp(registry, { depth: 'full' })
    expect(verdictOf(report)).toEqual([3, ['connection-cut'], []])
    expect(causesText(report)).toContain(
      'downloads break off after 1000 bytes, but the last byte can be read',
    )
  })

  test.each(['full', 'probe'])(
    'before an announced length that is too long does not pass at depth %s, because no client can pull it',
    async (depth) => {
      const registry = await start()
      registry.behaviour.ignoreRanges = true
      const digest = layerDigest(pushLayers(registry, size))
      registry.faults.add({ digest }, { contentLength: 100_000 })
      const report = await verifyApp(registry, { depth })
      expect(verdictOf(report)).toEqual([1, ['blob-truncated'], []])
      expect(causesText(report)).toContain('then the connection closed')
    },
  )

  test('at a different byte each time is a fault of the network path, and the image is not judged', async () => {
    const registry = await start()
    const digest = layerDigest(pushLayers(registry, size))
    cutAt(registry, digest, 1000, 2000, 500)
    const report = await verifyApp(registry, { depth: 'full' })
    expect(verdictOf(report)).toEqual([3, ['connection-cut'], []])
    const statusOf = (name: string) => report.groups.find(({ group }) => group === name)?.status
    expect([statusOf('image'), statusOf('path')]).toEqual(['unknown', 'fail'])
    expect(requestsFor(registry, digest)).toHaveLength(3)
  })

  test('once is not a fault', async () => {
    const registry = await start()
    cutAt(registry, layerDigest(pushLayers(registry, size)), 1000)
    expect((await verifyApp(registry, { depth: 'full' })).exitCode).toBe(0)
  })

  test('once before the headers is retried and noted', async () => {
    const registry = await start()
    const digest = layerDigest(pushLayers(registry, size))
    registry.faults.add({ digest, times: 1 }, { reset: 'before-headers' })
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([0, [], ['requests-repeated']])
    expect(report.hosts[0]?.retried).toBe(1)
  })

  test('always before the headers is a fault of the network path', async () => {
    const registry = await start()
    registry.faults.add({ digest: layerDigest(pushLayers(registry, size)) }, { reset: 'before-headers' })
    expect(causesOf(await verifyApp(registry))).toEqual([3, ['connection-cut']])
  })
})
