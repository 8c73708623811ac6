import { describe, expect, test } from 'vitest'
import {
  contentsOf,
  image,
  index,
  type Layer,
  randomLayer,
} from '../../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry } from '../../../src/fake-registry/registry.ts'
import { verifyImages } from '../../support/verify.ts'
import { useRegistries } from '../kit.ts'
import { causesText, layerDigest, proofOf, pushLayers, requestsFor, verdictOf, verifyApp } from './app.ts'

const start = useRegistries()
const mib = 1024 * 1024
const layerOf = (seed: string, bytes: number): Layer => randomLayer({ bytes, seed, compression: 'none' })

/** Two platforms with a base in common; the second one has the largest layer. */
function pushIndex(
  registry: EmbeddedRegistry,
  repository = 'app',
): Record<'base' | 'amd' | 'arm' | 'small', Layer> {
  const base = layerOf('base', 30_000)
  const amd = layerOf('amd', 40_000)
  const arm = layerOf('arm', 50_000)
  const small = layerOf('small', 20_000)
  const both = [
    image('linux/amd64', { layers: [base, amd] }),
    image('linux/arm64', { layers: [small, base, arm] }),
  ]
  registry.store.push(repository, contentsOf(index(both)), '1')
  return { base, amd, arm, small }
}

/** The layers that were requested whole, by name. */
const readWhole = (registry: EmbeddedRegistry, layers: Record<string, Layer>): string[] =>
  Object.entries(layers)
    .filter(([, { digest }]) => requestsFor(registry, digest).includes('GET 200'))
    .map(([name]) => name)

describe('depth probe reads whole', () => {
  test.each<[Record<string, string>, string[]]>([
    [{}, ['arm']],
    [{ sample: '2' }, ['base', 'arm']],
    [{ sample: '9' }, ['base', 'arm', 'small']],
    [{ sample: '0' }, []],
    [{ depth: 'head' }, []],
  ])('with %o the largest layers of one platform: %o', async (settings, names) => {
    const registry = await start()
    const layers = pushIndex(registry)
    const report = await verifyApp(registry, settings)
    expect(verdictOf(report)).toEqual([0, [], []])
    expect(readWhole(registry, layers)).toEqual(names)
    const requests = Object.values(layers).map(({ digest }) => requestsFor(registry, digest).length)
    expect(requests).toEqual([1, 1, 1, 1])
  })

  test('on each registry of one repository only', async () => {
    const [one, other] = [await start(), await start()]
    const layers = pushIndex(one)
    pushIndex(one, 'lib')
    pushIndex(other)
    await verifyImages([`${one.host}/app:1`, `${one.host}/lib:1`, `${other.host}/app:1`])
    expect(readWhole(one, layers)).toEqual(['arm'])
    expect(readWhole(other, layers)).toEqual(['arm'])
    expect(requestsFor(one, layers.arm.digest).toSorted()).toEqual(['GET 200', 'GET 206'])
  })

  test('no layer above 8 MiB that exceeds the budget, and the report says so', async () => {
    const registry = await start()
    const large = layerOf('large', 9 * mib)
    registry.store.push('app', contentsOf(image('linux/amd64', { layers: [large, layerOf('a', 10)] })), '1')
    const report = await verifyApp(registry, { probe_budget: '9MiB' })
    expect(proofOf(report)).toMatchObject({ lastByte: 2, sampled: 0, notSampled: 1 })
    const richer = await verifyApp(registry, { probe_budget: '10MiB' })
    expect(proofOf(richer)).toMatchObject({ lastByte: 1, sampled: 1, notSampled: 0 })
  })

  test('nothing where only the path is checked', async () => {
    const registry = await start()
    const layers = pushIndex(registry)
    await verifyApp(registry, { checks: 'path', require: 'path' })
    expect(readWhole(registry, layers)).toEqual([])
  })
})

describe('a proxy that serves ranges and', () => {
  const whole = { method: 'GET', when: ({ headers }: { headers: Record<string, unknown> }) => !headers.range }

  test('cuts whole bodies at a size is found at the default depth', async () => {
    const registry = await start()
    const pushed = pushLayers(registry, 4000, 2 * mib)
    registry.faults.add({ ...whole, path: /\/blobs\// }, { cutBodyAfter: mib })
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([3, ['connection-cut'], []])
    expect(causesText(report)).toContain(
      `downloads break off after ${mib} bytes, but the last byte can be read`,
    )
    expect(causesText(report)).toContain('proxy_max_temp_file_size')
    // The last one probes this leg of the path, after the failure.
    expect(requestsFor(registry, layerDigest(pushed, 1))).toEqual([
      'GET 200',
      'GET 200',
      'GET 206',
      'GET 206',
    ])
    expect(verdictOf(await verifyApp(registry, { sample: '0' }))).toEqual([0, [], []])
  })

  test('cuts them anywhere is found at the default depth', async () => {
    const registry = await start()
    const digest = layerDigest(pushLayers(registry, 4000, 2 * mib), 1)
    for (const [skip, cut] of [900_000, 800_000, 700_000].entries())
      registry.faults.add({ ...whole, digest, skip, times: 1 }, { cutBodyAfter: cut })
    expect(verdictOf(await verifyApp(registry))).toEqual([3, ['connection-cut'], []])
  })

  test('refuses them is found at the default depth', async () => {
    const registry = await start()
    const digest = layerDigest(pushLayers(registry, 4000, 2 * mib), 1)
    registry.faults.add({ ...whole, digest }, { status: 500, body: 'Response size was too large.' })
    const report = await verifyApp(registry)
    expect(report.exitCode).toBe(3)
    expect(report.groups.find(({ group }) => group === 'image')?.status).toBe('unknown')
  })
})

test('a sampled layer whose length the registry states wrongly is not downloaded', async () => {
  const registry = await start()
  const pushed = pushLayers(registry, 20 * mib)
  registry.faults.add({ digest: layerDigest(pushed) }, { truncateTo: 12 * mib, as: 'cold' })
  const report = await verifyApp(registry)
  expect(verdictOf(report)).toEqual([1, ['blob-truncated'], []])
  expect(report.totals.readBytes).toBeLessThan(mib)
})
