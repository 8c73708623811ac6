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
  /** The fault of the registry behind the proxy. */
  fault?: Fault
  userInfo?: string
  settings?: Record<string, string>
  times?: number
  basic?: boolean
}

/** Verifies an image through a proxy for plain HTTP. */
async function through({ proxy = {}, fault, userInfo = '', settings = {}, times, basic = false }: Through) {
  const registry = await start({ auth: basic ? { kind: 'basic', users } : { kind: 'none' } })
  pushApp(registry)
  if (fault) registry.faults.add({ ...(times === undefined ? {} : { times }) }, fault)
  const { host } = await serve(httpProxy({ port: Number(registry.host.split(':')[1]), ...proxy }))
  const report = await verifyImages(['registry.test/app:1'], {
    env: { http_proxy: `http://${userInfo}${host}` },
    settings: { insecure: 'true', ...settings },
  })
  const causes = JSON.stringify(report.causes)
  expect(causes).not.toContain('canary')
  return { causes, host, registry, verdict: [report.exitCode, causeIds(report), noteIds(report)] }
}

const page = (title: string) => `<html><head><title>${title}</title></head><body>canary</body></html>`
const asPage = { 'content-type': 'text/html' }
const bare = (status: number): Fault => ({ status, body: 'no', headers: { 'content-type': 'text/plain' } })
const unmarked: Fault = { dropHeader: 'docker-distribution-api-version' }

describe('an error response without a sign of a registry', () => {
  test.each([403, 500, 502, 503, 504])(
    'with status %i names both the proxy and the registry behind it',
    async (status) => {
      const { verdict, causes, host } = await through({
        proxy: { refuse: { status, headers: { ...asPage, server: 'gate/1' }, body: page('Not today') } },
      })
      expect(verdict[0]).toBe(3)
      expect(verdict[1]).toEqual(['proxy-failed'])
      expect(causes).toContain(
        `HTTP ${status} from the proxy ${host} (from http_proxy) or from registry.test behind it`,
      )
      expect(causes).toContain('nothing in the response identifies a registry')
      expect(causes).toContain('Server: gate/1')
      expect(causes).toContain('Not today')
    },
  )

  test('with status 503 is retried first', async () => {
    const { verdict } = await through({ fault: bare(503), times: 1, settings: {}, proxy: {} })
    expect(verdict).toEqual([0, [], ['requests-repeated']])
  })

  test('names both if it is from a registry without its usual headers', async () => {
    const registry = await start()
    pushApp(registry)
    registry.faults.add({}, bare(503), unmarked)
    const { host } = await serve(httpProxy({ port: Number(registry.host.split(':')[1]) }))
    const report = await verifyImages(['registry.test/app:1'], {
      env: { http_proxy: host },
      settings: { insecure: 'true' },
    })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
    expect(JSON.stringify(report.causes)).toContain('or from registry.test behind it')
  })
})

describe('an error response of the registry', () => {
  const signs: [string, Fault[]][] = [
    [
      'a JSON error body',
      [{ status: 503, body: { errors: [{ code: 'UNAVAILABLE', message: 'later' }] } }, unmarked],
    ],
    [
      'the header of the distribution API',
      [bare(503), { setHeader: { 'docker-distribution-api-version': 'registry/2.0' } }],
    ],
    [
      'a Via header, which proxies add to forwarded responses',
      [bare(503), unmarked, { setHeader: { via: '1.1 gate' } }],
    ],
  ]
  test.each(signs)('is attributed to the registry if it has %s', async (_, faults) => {
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

  test('is attributed to the registry if no proxy was used', async () => {
    const registry = await start()
    pushApp(registry)
    registry.faults.add({}, bare(503), unmarked)
    const report = await verifyImages([`${registry.host}/app:1`])
    expect(causeIds(report)).toEqual(['registry-unavailable'])
  })
})

describe('a 401', () => {
  const loginPage = (headers: Record<string, string> = {}) => ({
    refuse: {
      status: 401,
      headers: { ...asPage, 'www-authenticate': 'Basic realm="Gate"', ...headers },
      body: page('Unauthorized'),
    },
  })

  test.each([
    ['without a login for the registry', {}],
    ['with a login for the registry', login],
  ])('of a proxy that refuses its own login names both, %s', async (_, settings) => {
    const { verdict, causes, host } = await through({
      proxy: loginPage(),
      userInfo: 'someone:canary-42@',
      settings,
    })
    expect(verdict).toEqual([3, ['proxy-failed'], []])
    expect(causes).toContain(
      `HTTP 401 from the proxy ${host} (from http_proxy) or from registry.test behind it`,
    )
  })

  test.each([
    ['its name', { server: 'tinyproxy/1.11.1' }],
    ['Proxy-Authenticate', { 'proxy-authenticate': 'Basic realm="Gate"' }],
    ['Proxy-Agent', { 'proxy-agent': 'Privoxy 3.0.33' }],
  ])(
    'of a proxy that identifies itself by %s is attributed to the proxy, and gets no login for the registry',
    async (_, headers) => {
      const { verdict, causes, host } = await through({
        proxy: loginPage(headers),
        userInfo: 'someone:canary-42@',
        settings: login,
      })
      expect(verdict).toEqual([3, ['proxy-failed'], []])
      expect(causes).toContain(`proxy ${host} (from http_proxy): HTTP 401`)
      expect(causes).not.toContain('or from registry.test')
    },
  )

  test('of a registry without its usual headers is answered with its login', async () => {
    const registry = await start({ auth: { kind: 'basic', users } })
    pushApp(registry)
    registry.faults.add({}, unmarked)
    const { host } = await serve(
      httpProxy({ port: Number(registry.host.split(':')[1]), login: 'someone:canary-42' }),
    )
    const verifyWith = (settings: Record<string, string>) =>
      verifyImages(['registry.test/app:1'], {
        env: { http_proxy: `http://someone:canary-42@${host}` },
        settings: { insecure: 'true', ...settings },
      })
    expect(causeIds(await verifyWith(login))).toEqual([])
  })

  test('of a registry with its usual headers is attributed to the registry', async () => {
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
