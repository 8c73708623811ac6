import { describe, expect, test } from 'vitest'
import { contentsOf, image, randomLayer } from '../../../src/fake-registry/images/images.ts'
import { verifyImages } from '../../support/verify.ts'
import { useRegistries } from '../kit.ts'
import {
  causesText,
  layerDigest,
  proofOf,
  pushLayers,
  repeatedPaths,
  requestsFor,
  verdictOf,
  verifyApp,
} from './app.ts'

const start = useRegistries()
const mib = 1024 * 1024

describe('a registry that ignores ranges, as Gitea and Forgejo do', () => {
  test('has its small blobs read to their end, whatever the budget', async () => {
    const registry = await start({ ignoreRanges: true })
    pushLayers(registry, 1000, 200_000, 7 * mib)
    const report = await verifyApp(registry, { probe_budget: '0' })
    expect(verdictOf(report)).toEqual([0, [], []])
    expect(proofOf(report)).toMatchObject({ opened: 0, lastByte: 0, whole: 4, unread: 0 })
  })

  test('has large blobs read while the budget lasts, smallest first, and the rest is reported', async () => {
    const registry = await start({ ignoreRanges: true })
    const { layers } = pushLayers(registry, 11 * mib, 9 * mib, 10 * mib)
    const report = await verifyApp(registry, { probe_budget: '20MiB', sample: '0' })
    expect(verdictOf(report)).toEqual([0, [], ['end-not-proven']])
    expect(proofOf(report)).toMatchObject({ opened: 1, lastByte: 0, whole: 3, unread: 0 })
    expect(causesText(report)).toContain('1 blob (11.0 MiB) opened, end not proven')
    expect(report.totals.readBytes).toBeLessThan(20 * mib)
    expect(layers.map(({ digest }) => requestsFor(registry, digest).length)).toEqual([1, 1, 1])
  })

  test('has all large blobs read if the budget is large enough', async () => {
    const registry = await start({ ignoreRanges: true })
    pushLayers(registry, 9 * mib, 10 * mib)
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([0, [], []])
    expect(proofOf(report)?.whole).toBe(3)
  })

  test('shares its budget between the repositories of a run', async () => {
    const registry = await start({ ignoreRanges: true })
    pushLayers(registry, 9 * mib)
    const other = image('linux/amd64', {
      layers: [randomLayer({ bytes: 9 * mib, seed: 'other', compression: 'none' })],
    })
    registry.store.push('lib', contentsOf(other), '1')
    const images = [`${registry.host}/app:1`, `${registry.host}/lib:1`]
    const report = await verifyImages(images, { settings: { probe_budget: '10MiB' } })
    expect(verdictOf(report)).toEqual([0, [], ['end-not-proven']])
    expect(report.totals.readBytes).toBeLessThan(12 * mib)
  })

  test('has every blob requested once, because its answer to a range is the whole blob', async () => {
    const registry = await start({ ignoreRanges: true })
    pushLayers(registry, ...Array.from({ length: 40 }, (_, at) => 500 + at))
    const report = await verifyApp(registry, { concurrency: '4' })
    expect(verdictOf(report)).toEqual([0, [], []])
    expect(repeatedPaths(registry)).toEqual(['/v2/app/manifests/1'])
  })

  test.each([
    ['small', 50_000],
    ['large, within the budget', 9 * mib],
  ])('cannot hide a truncated blob that is %s', async (_, size) => {
    const registry = await start()
    const pushed = pushLayers(registry, 1000, size)
    registry.faults.add({ digest: layerDigest(pushed, 1) }, { truncateTo: size - 1000, as: 'gitea' })
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([1, ['blob-truncated'], []])
    expect(causesText(report)).toContain(`${size - 1000} bytes, then the connection closed (twice`)
  })

  test('is found to have an empty blob if the first byte never comes', async () => {
    const registry = await start()
    const pushed = pushLayers(registry, 9 * mib)
    registry.faults.add({ digest: layerDigest(pushed) }, { truncateTo: 0, as: 'gitea' })
    const report = await verifyApp(registry, { probe_budget: '0' })
    expect(verdictOf(report)).toEqual([1, ['stale-blob-cache'], []])
  })
})

describe('an odd answer to a request for the last byte', () => {
  // The size of a tar with 3000 bytes of content.
  const stored = 4608
  const ranged = { when: ({ headers }: { headers: Record<string, unknown> }) => headers.range !== undefined }

  test.each<[string, Parameters<Awaited<ReturnType<typeof start>>['faults']['add']>[1]]>([
    ['206 without Content-Range', { dropHeader: 'content-range' }],
    ['206 with an invalid Content-Range', { setHeader: { 'content-range': 'the last' } }],
    ['206 with another range', { setHeader: { 'content-range': 'bytes 0-0/*' } }],
    ['416 without a length', { status: 416, body: 'no' }],
    ['416 with the right length', { status: 416, headers: { 'content-range': `bytes */${stored}` } }],
  ])('of %s leads to a complete download and is not a fault', async (_, fault) => {
    const registry = await start()
    const blobs = pushLayers(registry, 3000)
    registry.faults.add({ ...ranged, digest: layerDigest(blobs) }, fault)
    const report = await verifyApp(registry)
    expect(report.exitCode).toBe(0)
    expect(proofOf(report)).toMatchObject({ whole: 2, lastByte: 0 })
  })

  test('of 206 with an unknown total is proof, too', async () => {
    const registry = await start()
    const pushed = pushLayers(registry, 3000)
    const last = (pushed.layers[0]?.bytes.length ?? 0) - 1
    registry.faults.add(
      { ...ranged, digest: layerDigest(pushed) },
      { setHeader: { 'content-range': `bytes ${last}-${last}/*` } },
    )
    expect(proofOf(await verifyApp(registry, { sample: '0' }))).toMatchObject({ whole: 1, lastByte: 1 })
  })
})
