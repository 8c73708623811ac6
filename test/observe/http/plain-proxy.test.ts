import { describe, expect, test } from 'vitest'
import type { Fault } from '../../../src/fake-registry/registry.ts'
import { causeIds, noteIds, verifyImages } from '../../support/verify.ts'
import { useRegistries, useServers } from '../kit.ts'
import { login, pushApp, users } from '../registry/people.ts'
import { httpProxy, type ProxyOptions } from './proxies.ts'

const start = useRegistries()
const serve = useServers()

type Through = {
  proxy?: Partial<ProxyOptions>
  /** What the registry behind the proxy answers. */
  fault?: Fault
  userInfo?: string
  settings?: Record<string, string>
  times?: number
  basic?: boolean
}

/** A run through a proxy for plain http. */
async function through({ proxy = {}, fault, userInfo = '', settings = {}, times, basic = false }: Through) {
  const registry = await start({ auth: basic ? { kind: 'basic', users } : { kind: 'none' } })
  pushApp(registry)
  if (fault) registry.faults.add({ ...(times === undefined ? {} : { times }) }, fault)
  const { host } = await serve(httpProxy({ port: Number(registry.host.split(':')[1]), ...proxy }))
  const report = await verifyImages(['registry.test/app:1'], {
    env: { http_proxy: `http://${userInfo}${host}` },
    settings: { insecure: 'true', ...settings },
  })
  const faultsOf = JSON.stringify(report.causes)
  expect(faultsOf).not.toContain('canary')
  return { faultsOf, host, registry, verdict: [report.exitCode, causeIds(report), noteIds(report)] }
}

const page = (title: string) => `<html><head><title>${title}</title></head><body>canary</body></html>`
const asPage = { 'content-type': 'text/html' }
const bare = (status: number): Fault => ({ status, body: 'no', headers: { 'content-type': 'text/plain' } })
const unmarked: Fault = { dropHeader: 'docker-distribution-api-version' }

describe('an error answer that nothing shows to be the registry’s', () => {
  test.each([403, 500, 502, 503, 504])(
    'with %i is told as the proxy’s, or that of the registry behind it',
    async (status) => {
      const { verdict, faultsOf, host } = await through({
        proxy: { refuse: { status, headers: { ...asPage, server: 'gate/1' }, body: page('Not today') } },
      })
      expect(verdict[0]).toBe(3)
      expect(verdict[1]).toEqual(['proxy-failed'])
      expect(faultsOf).toContain(
        `the proxy ${host} (http_proxy), or registry.test behind it: it answered ${status}`,
      )
      expect(faultsOf).toContain('bears no sign of a registry')
      expect(faultsOf).toContain('Server: gate/1')
      expect(faultsOf).toContain('Not today')
    },
  )

  test('with 503 is asked again before anybody is blamed', async () => {
    const { verdict } = await through({ fault: bare(503), times: 1, settings: {}, proxy: {} })
    expect(verdict).toEqual([0, [], ['requests-repeated']])
  })

  test('may be the registry’s own, which drops the marks of one', async () => {
    const registry = await start()
    pushApp(registry)
    registry.faults.add({}, bare(503), unmarked)
    const { host } = await serve(httpProxy({ port: Number(registry.host.split(':')[1]) }))
    const report = await verifyImages(['registry.test/app:1'], {
      env: { http_proxy: host },
      settings: { insecure: 'true' },
    })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
    expect(JSON.stringify(report.causes)).toContain('or registry.test behind it')
  })
})

describe('an error answer of the registry, which came through the proxy,', () => {
  const marks: [string, Fault[]][] = [
    [
      'a document of errors',
      [{ status: 503, body: { errors: [{ code: 'UNAVAILABLE', message: 'later' }] } }, unmarked],
    ],
    [
      'the header of the distribution API',
      [bare(503), { setHeader: { 'docker-distribution-api-version': 'registry/2.0' } }],
    ],
    [
      'a Via, which proxies put on what they pass on',
      [bare(503), unmarked, { setHeader: { via: '1.1 gate' } }],
    ],
  ]
  test.each(marks)('is its own with %s', async (_, faults) => {
    const registry = await start()
    pushApp(registry)
    registry.faults.add({}, ...faults)
    const { host } = await serve(httpProxy({ port: Number(registry.host.split(':')[1]) }))
    const report = await verifyImages(['registry.test/app:1'], {
      env: { http_proxy: host },
      settings: { insecure: 'true' },
    })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['registry-unavailable']])
  })

  test('is its own when no proxy was used', async () => {
    const registry = await start()
    pushApp(registry)
    registry.faults.add({}, bare(503), unmarked)
    const report = await verifyImages([`${registry.host}/app:1`])
    expect(causeIds(report)).toEqual(['registry-unavailable'])
  })
})

describe('a 401', () => {
  const wall = (headers: Record<string, string> = {}) => ({
    refuse: {
      status: 401,
      headers: { ...asPage, 'www-authenticate': 'Basic realm="Gate"', ...headers },
      body: page('Unauthorized'),
    },
  })

  test.each([
    ['without a login for the registry', {}],
    ['with a login for the registry', login],
  ])('of a proxy that refuses its own login is told as that, %s', async (_, settings) => {
    const { verdict, faultsOf, host } = await through({
      proxy: wall(),
      userInfo: 'someone:canary-42@',
      settings,
    })
    expect(verdict).toEqual([3, ['proxy-failed'], []])
    expect(faultsOf).toContain(`the proxy ${host} (http_proxy), or registry.test behind it: it answered 401`)
  })

  test.each([
    ['its name', { server: 'tinyproxy/1.11.1' }],
    ['Proxy-Authenticate', { 'proxy-authenticate': 'Basic realm="Gate"' }],
    ['Proxy-Agent', { 'proxy-agent': 'Privoxy 3.0.33' }],
  ])(
    'of a proxy that shows itself by %s is the proxy’s, and gets no login for the registry',
    async (_, headers) => {
      const { verdict, faultsOf, host } = await through({
        proxy: wall(headers),
        userInfo: 'someone:canary-42@',
        settings: login,
      })
      expect(verdict).toEqual([3, ['proxy-failed'], []])
      expect(faultsOf).toContain(`the proxy ${host} (http_proxy): it answered 401`)
      expect(faultsOf).not.toContain('or registry.test')
    },
  )

  test('of a registry that bears no marks is answered with its login', async () => {
    const registry = await start({ auth: { kind: 'basic', users } })
    pushApp(registry)
    registry.faults.add({}, unmarked)
    const { host } = await serve(
      httpProxy({ port: Number(registry.host.split(':')[1]), login: 'someone:canary-42' }),
    )
    const look = (settings: Record<string, string>) =>
      verifyImages(['registry.test/app:1'], {
        env: { http_proxy: `http://someone:canary-42@${host}` },
        settings: { insecure: 'true', ...settings },
      })
    expect(causeIds(await look(login))).toEqual([])
  })

  test('of a registry that bears its marks is the registry’s', async () => {
    const { verdict } = await through({ basic: true, userInfo: 'someone:canary-42@' })
    expect(verdict).toEqual([3, ['denied-or-missing'], []])
    const wrong = await through({
      basic: true,
      userInfo: 'someone:canary-42@',
      settings: { ...login, password: 'canary' },
    })
    expect(wrong.verdict).toEqual([3, ['bad-credentials'], []])
  })
})
