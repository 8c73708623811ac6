import { afterEach, describe, expect, test, vi } from 'vitest'
import { seen } from '../../../src/core/observed.ts'
import type { EmbeddedRegistry } from '../../../src/fake-registry/registry.ts'
import { createSettle } from '../../../src/observe/image/settle.ts'
import { paperClock } from '../../support/paper-clock.ts'
import { verifyImages } from '../../support/verify.ts'
import { useRegistries } from '../kit.ts'
import { causesOf, causesText, layerDigest, pushLayers, requestsFor, verdictOf } from './app.ts'

vi.mock('node:timers/promises', async (real) =>
  (await import('../../support/paper-clock.ts')).paperTimers(real),
)
afterEach(() => paperClock.reset())

const start = useRegistries()
const verifyApp = (registry: EmbeddedRegistry, settings: Record<string, string> = {}) =>
  verifyImages([`${registry.host}/app:1`], { settings, now: paperClock.now })

describe('a fresh push', () => {
  test('whose tag appears after a while passes within the time to settle', async () => {
    const registry = await start()
    const { manifest } = pushLayers(registry, 1000)
    registry.store.untag('app', '1')
    paperClock.meanwhile = () => {
      if (paperClock.waits.length === 2) registry.store.tag('app', '1', manifest.digest)
    }
    expect(verdictOf(await verifyApp(registry, { settle: '5s' }))).toEqual([0, [], []])
    expect(requestsFor(registry, '/manifests/1').slice(0, 3)).toEqual(['GET 404', 'GET 404', 'GET 200'])
    expect(paperClock.waits).toEqual([1000, 1000])
  })

  test('whose layer appears after a while passes, too', async () => {
    const registry = await start()
    const digest = layerDigest(pushLayers(registry, 1000))
    registry.faults.add(
      { digest, times: 1 },
      { status: 404, body: { errors: [{ code: 'BLOB_UNKNOWN', message: '' }] } },
    )
    expect(verdictOf(await verifyApp(registry, { settle: '5s' }))).toEqual([0, [], []])
    expect(requestsFor(registry, digest)).toEqual(['GET 404', 'GET 200'])
    expect(paperClock.waits).toEqual([1000])
  })

  test('that is waited for ends with the run, in the middle of a wait', async () => {
    const stop = new AbortController()
    paperClock.meanwhile = () => {
      queueMicrotask(() => stop.abort())
      return new Promise(() => {})
    }
    const settle = createSettle(paperClock.now() + 60_000, paperClock.now, stop.signal)
    let asked = 0
    const result = await settle(async () => {
      asked += 1
      return seen({ state: 'absent' })
    })
    expect([result, asked]).toEqual([seen({ state: 'absent' }), 2])
  })

  test('whose tag never appears is missing after that time, which is reported with the existing tags', async () => {
    const registry = await start()
    const { manifest } = pushLayers(registry, 1000)
    registry.store.tag('app', 'other', manifest.digest)
    registry.store.untag('app', '1')
    const report = await verifyApp(registry, { settle: '1500ms' })
    expect(verdictOf(report)).toEqual([1, ['tag-missing'], []])
    expect(causesText(report)).toContain('404 MANIFEST_UNKNOWN for 1.5 s')
    expect(causesText(report)).toContain('has 1 tag: other')
    expect(paperClock.waits).toEqual([1000, 500])
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
    expect(paperClock.waits).toEqual([])
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
    // Retry-After: 0.
    expect(paperClock.waits.filter((ms) => ms > 0)).toEqual([])
  })
})
