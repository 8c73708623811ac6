import { describe, expect, test } from 'vitest'
import { useRegistries } from '../kit.ts'
import { proofOf, pushLayers, repeatedPaths, verdictOf, verifyApp } from './app.ts'
import { kinds } from './kinds.ts'

const start = useRegistries()
const depths = ['head', 'probe', 'full'] as const

describe.each(depths)('at depth %s', (depth) => {
  test.each(Object.entries(kinds))('%s is healthy, and every digest is requested once', async (_, kind) => {
    const registry = await start()
    registry.store.push('app', kind.contents, '1')
    const report = await verifyApp(registry, { depth })
    expect(verdictOf(report)).toEqual([0, kind.warnings ?? [], kind.notes ?? []])
    expect(report.totals.seen).toBe(report.totals.objects)
    expect(repeatedPaths(registry)).toEqual(['/v2/app/manifests/1'])
    expect(registry.requests.map(({ path }) => path)).not.toContain('/v2/')
    expect(registry.requests).toHaveLength(report.totals.objects + 3)
  })
})

describe('the proof for a blob', () => {
  const sizes = [1000, 2000, 3000]
  const nothing = {
    ...{ listed: 0, opened: 0, lastByte: 0, whole: 0, unread: 0 },
    ...{ sampled: 0, notSampled: 0, layers: 0, unpacked: 0 },
  }

  test.each([
    ['head', { listed: 3, whole: 1 }],
    ['probe', { lastByte: 2, whole: 2, layers: 1, sampled: 1 }],
    ['full', { whole: 4, layers: 3, unpacked: 3 }],
  ])('at depth %s is no more than was verified', async (depth, proof) => {
    const registry = await start()
    pushLayers(registry, ...sizes)
    expect(proofOf(await verifyApp(registry, { depth }))).toEqual({ ...nothing, ...proof })
  })

  test('takes the last 512 bytes of each layer at depth probe', async () => {
    const registry = await start()
    const { manifest, config } = pushLayers(registry, 500_000, 600_000)
    const { totals } = await verifyApp(registry, { sample: '0' })
    expect(totals.readBytes).toBe(2 * manifest.bytes.length + config.bytes.length + 2 * 512)
  })

  test('takes every byte of a blob once at depth full', async () => {
    const registry = await start()
    const { manifest, config, layers } = pushLayers(registry, 500_000, 600_000)
    // The manifest by its tag, and by its digest.
    const all = [manifest, manifest, config, ...layers].reduce((sum, { bytes }) => sum + bytes.length, 0)
    expect((await verifyApp(registry, { depth: 'full' })).totals.readBytes).toBe(all)
  })
})
