import { describe, expect, test } from 'vitest'
import { verifyImages } from '../../support/verify.ts'
import { useRegistries } from '../kit.ts'
import { causesOf, causesText, layerDigest, pushLayers, requestsFor, verdictOf, verifyApp } from './app.ts'

const start = useRegistries()

describe('a fresh push', () => {
  test('whose tag appears after a while passes within the time to settle', async () => {
    const registry = await start()
    const { manifest } = pushLayers(registry, 1000)
    registry.store.untag('app', '1')
    setTimeout(() => registry.store.tag('app', '1', manifest.digest), 1200)
    const report = await verifyApp(registry, { settle: '5s' })
    expect(verdictOf(report)).toEqual([0, [], []])
    expect(report.durationMs).toBeLessThan(4000)
    expect(
      requestsFor(registry, '/manifests/1').filter((asked) => asked === 'GET 404').length,
    ).toBeLessThanOrEqual(3)
  })

  test('whose layer appears after a while passes, too', async () => {
    const registry = await start()
    const digest = layerDigest(pushLayers(registry, 1000))
    registry.faults.add(
      { digest, times: 1 },
      { status: 404, body: { errors: [{ code: 'BLOB_UNKNOWN', message: '' }] } },
    )
    expect(verdictOf(await verifyApp(registry, { settle: '5s' }))).toEqual([0, [], []])
    expect(requestsFor(registry, digest)).toEqual(['GET 404', 'GET 206'])
  })

  test('whose tag never appears is missing after that time, which is reported with the existing tags', async () => {
    const registry = await start()
    const { manifest } = pushLayers(registry, 1000)
    registry.store.tag('app', 'other', manifest.digest)
    registry.store.untag('app', '1')
    const report = await verifyApp(registry, { settle: '1s' })
    expect(verdictOf(report)).toEqual([1, ['tag-missing'], []])
    expect(causesText(report)).toMatch(/404 MANIFEST_UNKNOWN for 1(\.\d)? s/)
    expect(causesText(report)).toContain('has 1 tag: other')
    expect(report.durationMs).toBeLessThan(3000)
  })
})

describe('without time to settle', () => {
  test('a 404 is requested once', async () => {
    const registry = await start()
    const { manifest } = pushLayers(registry, 1000)
    registry.store.untag('app', '1')
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([1, ['tag-missing'], []])
    expect(requestsFor(registry, '/manifests/1')).toEqual(['GET 404'])
    expect(manifest.digest).toMatch(/^sha256:/)
  })

  test('an unknown repository is a missing tag', async () => {
    const registry = await start()
    const report = await verifyImages([`${registry.host}/nobody:1`])
    expect(verdictOf(report)).toEqual([1, ['tag-missing'], []])
  })
})

describe('time to settle', () => {
  test.each([
    ['500', { status: 500, headers: { 'retry-after': '0' } }, 'registry-error'],
    ['403', { status: 403 }, 'denied-or-missing'],
    ['a web page', { html: '<html></html>' }, 'not-a-registry'],
  ])('is not spent on %s', async (_, fault, cause) => {
    const registry = await start()
    pushLayers(registry, 1000)
    registry.faults.add({ path: '/v2/app/manifests/1' }, fault)
    const report = await verifyApp(registry, { settle: '20s' })
    expect(causesOf(report)).toEqual([3, [cause]])
    expect(report.durationMs).toBeLessThan(2000)
  })
})
