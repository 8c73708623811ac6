import { describe, expect, test } from 'vitest'
import type { Fault } from '../../../src/fake-registry/registry.ts'
import { useRegistries } from '../kit.ts'
import { causesOf, causesText, layerDigest, pushLayers, requestsFor, verdictOf, verifyApp } from './app.ts'

const start = useRegistries()
const broken: Fault = { status: 500, body: { errors: [{ code: 'UNKNOWN', message: 'unknown error' }] } }

describe('an internal error of the registry', () => {
  test('for one digest means damaged metadata of that digest', async () => {
    const registry = await start()
    const digest = layerDigest(pushLayers(registry, 1000, 2000))
    registry.faults.add({ digest }, broken)
    const report = await verifyApp(registry)
    expect(causesOf(report)).toEqual([1, ['registry-metadata-corrupt']])
    expect(report.causes[0]?.findings.map((finding) => finding.digest)).toEqual([digest])
    expect(causesText(report)).toContain('UNKNOWN unknown error')
    expect(requestsFor(registry, digest)).toEqual(['GET 500', 'GET 500'])
  })

  test('at depth head is decided by one GET, because the answer to HEAD has no body', async () => {
    const registry = await start()
    const digest = layerDigest(pushLayers(registry, 1000, 2000))
    registry.faults.add({ digest }, broken)
    expect(causesOf(await verifyApp(registry, { depth: 'head' }))).toEqual([1, ['registry-metadata-corrupt']])
    expect(requestsFor(registry, digest)).toEqual(['HEAD 500', 'GET 500', 'GET 500'])
  })

  describe.each(['head', 'probe', 'full'])('at depth %s', (depth) => {
    test.each([
      ['the text of a proxy', 'upstream sent too big header', 'registry-error'],
      ['no body', '', 'registry-error'],
      ['another JSON', '{"message":"An unexpected error occurred"}', 'registry-error'],
      ['another code', '{"errors":[{"code":"INTERNAL"}]}', 'registry-error'],
      ['a web page', '<html><title>500 Internal Server Error</title></html>', 'registry-unavailable'],
    ])('that has %s is not damaged metadata', async (_body, body, cause) => {
      const registry = await start()
      const digest = layerDigest(pushLayers(registry, 1000, 2000))
      registry.faults.add({ digest }, { status: 500, body, headers: { 'retry-after': '0' } })
      const report = await verifyApp(registry, { depth })
      expect(causesOf(report)).toEqual([3, [cause]])
      expect(causesText(report)).not.toContain('link')
    })
  })

  test('for everything is a fault of the registry, and the image is not judged', async () => {
    const registry = await start()
    pushLayers(registry, 1000)
    registry.faults.add({}, broken)
    expect(causesOf(await verifyApp(registry))).toEqual([3, ['registry-error']])
  })

  test('that does not recur is noted only as a retry', async () => {
    const registry = await start()
    const digest = layerDigest(pushLayers(registry, 1000))
    registry.faults.add({ digest, times: 1 }, broken)
    expect(verdictOf(await verifyApp(registry))).toEqual([0, [], ['requests-repeated']])
  })
})

describe('a registry that is down', () => {
  test.each([502, 503, 504])('with %i is unavailable, and the image is not judged', async (status) => {
    const registry = await start()
    pushLayers(registry, 1000)
    registry.faults.add({}, { status, body: '<html>Bad Gateway</html>', headers: { 'retry-after': '0' } })
    const report = await verifyApp(registry)
    expect(causesOf(report)).toEqual([3, ['registry-unavailable']])
    expect(registry.requests).toHaveLength(4)
  })

  test('with a web page for a 500 is a proxy, not damaged metadata', async () => {
    const registry = await start()
    const digest = layerDigest(pushLayers(registry, 1000))
    const fault = {
      status: 500,
      body: '<html>oops</html>',
      headers: { 'content-type': 'text/html', 'retry-after': '0' },
    }
    registry.faults.add({ digest }, fault)
    expect(causesOf(await verifyApp(registry))).toEqual([3, ['registry-unavailable']])
  })

  test('for some blobs does not affect the others', async () => {
    const registry = await start()
    const digest = layerDigest(pushLayers(registry, 1000, 2000))
    registry.faults.add({ digest }, { status: 503, headers: { 'retry-after': '0' } })
    const report = await verifyApp(registry)
    expect(causesOf(report)).toEqual([3, ['registry-unavailable']])
    expect(report.totals).toMatchObject({ objects: 4, seen: 3 })
  })
})

describe('a rate limit', () => {
  test('is waited for as long as the registry asks, and noted', async () => {
    const registry = await start()
    const digest = layerDigest(pushLayers(registry, 1000))
    registry.faults.add({ digest, times: 1 }, { status: 429, headers: { 'retry-after': '1' } })
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([0, [], ['requests-repeated']])
    expect(report.durationMs).toBeGreaterThan(950)
  })

  test('that is too long to wait for is reported at once', async () => {
    const registry = await start()
    pushLayers(registry, 1000)
    const headers = { 'retry-after': '3600', 'ratelimit-remaining': '0;w=21600' }
    registry.faults.add(
      {},
      { status: 429, headers, body: { errors: [{ code: 'TOOMANYREQUESTS', message: 'slow down' }] } },
    )
    const report = await verifyApp(registry)
    expect(causesOf(report)).toEqual([3, ['rate-limited']])
    expect(causesText(report)).toContain('RateLimit-Remaining: 0;w=21600')
    expect(registry.requests).toHaveLength(1)
  })

  test('that persists is reported after a few attempts', async () => {
    const registry = await start()
    pushLayers(registry, 1000)
    registry.faults.add({}, { status: 429, headers: { 'retry-after': '0' } })
    expect(causesOf(await verifyApp(registry))).toEqual([3, ['rate-limited']])
    expect(registry.requests).toHaveLength(4)
  })
})

describe('any other status', () => {
  test.each([
    [403, {}, 'denied-or-missing'],
    [410, {}, 'answer-invalid'],
    [413, { 'content-type': 'text/html' }, 'answer-invalid'],
    [418, { 'content-type': 'text/html' }, 'not-a-registry'],
  ])('%i is reported as what it is, with exit code 3', async (status, headers, cause) => {
    const registry = await start()
    pushLayers(registry, 1000)
    registry.faults.add({}, { status, headers, body: 'no' })
    expect(verdictOf(await verifyApp(registry))).toEqual([3, [cause], []])
  })
})
