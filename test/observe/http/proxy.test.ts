import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EmbeddedRegistry } from '../../../src/fake-registry/registry.ts'
import { hostLines } from '../../../src/outputs/terminal/path.ts'
import { type Authority, createAuthority } from '../../support/certs.ts'
import { suiteNeeds } from '../../support/need.ts'
import { causeIds, verifyImages } from '../../support/verify.ts'
import { get, useRegistries, useServers, useWires, whyOf } from '../kit.ts'
import { login, pushApp, users } from '../registry/people.ts'
import { httpProxy, type ProxyOptions, type ProxyRequest, socksProxy } from './proxies.ts'

const start = useRegistries()
const serve = useServers()
const clientOf = useWires()
const image = 'registry.test/app:1'
const portOf = ({ host }: EmbeddedRegistry) => Number(host.split(':')[1])

describe('an HTTP proxy, for a registry with plain HTTP', () => {
  /** Verifies an image of a registry that only the proxy can resolve. */
  async function through(
    options: Partial<ProxyOptions>,
    userInfo = '',
    settings: Record<string, string> = {},
  ) {
    const registry = await start({ auth: settings.username ? { kind: 'basic', users } : { kind: 'none' } })
    pushApp(registry)
    const received: ProxyRequest[] = []
    const { host } = await serve(httpProxy({ port: portOf(registry), ...options }, received))
    const env = { HTTP_PROXY: `http://${userInfo}${host}` }
    const report = await verifyImages([image], { env, settings: { insecure: 'true', ...settings } })
    return { report, received, registry, host }
  }

  test('gets every request with the whole URL, and the image is verified', async () => {
    const { report, received, registry, host } = await through({})
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(hostLines(report)).toEqual([
      `registry.test → the proxy ${host} · plain HTTP · blobs from the same host`,
    ])
    expect(received[0]?.line).toBe('GET http://registry.test/v2/app/manifests/1')
    expect(received.every(({ line }) => / http:\/\/registry\.test\/v2\/app\//.test(line))).toBe(true)
    expect(received).toHaveLength(registry.requests.length)
  })

  test('gets the login in its URL, and the registry its own', async () => {
    const { report, received } = await through({ login: 'me:p@ss' }, 'me:p%40ss@', login)
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(new Set(received.map(({ login }) => login))).toEqual(new Set(['me:p@ss']))
  })

  test.each([
    ['requires a login and gets none', { login: 'me:pw' }, '', '407'],
    ['refuses the login', { login: 'me:pw' }, 'me:other-canary@', '407'],
    [
      'forbids the host',
      { refuse: { status: 403, headers: { 'x-squid-error': 'ERR_ACCESS_DENIED 0' } } },
      '',
      '403',
    ],
    [
      'cannot reach the host',
      { refuse: { status: 502, headers: { 'proxy-status': 'squid; error=dns_error' } } },
      '',
      '502',
    ],
  ])('that %s is reported as the fault, not the registry', async (_, options, userInfo, status) => {
    const { report, received, host } = await through(options, userInfo)
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
    const causes = JSON.stringify(report.causes)
    expect(causes).toContain(`proxy ${host} (from HTTP_PROXY): HTTP ${status}`)
    expect(causes).not.toContain('canary')
    expect(received.length).toBeLessThanOrEqual(2)
  })

  test('that is down is reported as the fault, not the registry', async () => {
    const gone = await serve(createServer())
    await gone.close()
    const env = { http_proxy: `http://me:canary@${gone.host}` }
    const report = await verifyImages([image], { env, settings: { insecure: 'true' } })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
    expect(report.groups.find(({ group }) => group === 'registry')?.status).toBe('unknown')
    expect(JSON.stringify(report)).not.toContain('canary')
  })

  test('does not change how responses of the registry are judged', async () => {
    const registry = await start({ auth: { kind: 'basic', users } })
    pushApp(registry)
    const { host } = await serve(httpProxy({ port: portOf(registry) }))
    const env = { http_proxy: host }
    const insecure = { insecure: 'true' }
    expect(causeIds(await verifyImages([image], { env, settings: insecure }))).toEqual(['denied-or-missing'])
    const report = await verifyImages(['registry.test/app:none'], {
      env,
      settings: { ...insecure, ...login },
    })
    expect([report.exitCode, causeIds(report)]).toEqual([1, ['tag-missing']])
  })

  test('is not used for a registry on loopback', async () => {
    const registry = await start()
    const received: ProxyRequest[] = []
    const { host } = await serve(httpProxy({ port: portOf(registry) }, received))
    const env = { HTTP_PROXY: host, HTTPS_PROXY: host, ALL_PROXY: host }
    expect((await verifyImages([pushApp(registry)], { env })).exitCode).toBe(0)
    expect(received).toEqual([])
  })
})

suiteNeeds(['openssl'])('a registry with TLS', () => {
  let authority: Authority
  let tls: { key: string; cert: string }
  beforeAll(async () => {
    authority = await createAuthority()
    tls = await authority.issue({ names: ['registry.test'] })
  })
  afterAll(() => authority.remove())

  const registryWith = async (http2: boolean) => {
    const registry = await start({ tls: { ...tls, http2 }, auth: { kind: 'basic', users } })
    pushApp(registry)
    return registry
  }
  const verifyWith = (env: Record<string, string>) =>
    verifyImages([image], { env, settings: login, authorities: [authority.ca] })

  test.each([true, false])('is reached through CONNECT (HTTP/2: %s)', async (http2) => {
    const received: ProxyRequest[] = []
    const { host } = await serve(httpProxy({ port: portOf(await registryWith(http2)) }, received))
    const report = await verifyWith({ https_proxy: `http://${host}` })
    expect([report.exitCode, causeIds(report)]).toEqual([0, ['cert-expiring']])
    expect(new Set(received.map(({ line }) => line))).toEqual(new Set(['CONNECT registry.test:443']))
    expect(report.hosts[0]).toMatchObject({ host: 'registry.test', protocol: 'https', http2 })
  })

  test('is reached through CONNECT with the login of the proxy', async () => {
    const registry = await registryWith(true)
    const received: ProxyRequest[] = []
    const { host } = await serve(httpProxy({ port: portOf(registry), login: 'me:pw' }, received))
    expect((await verifyWith({ HTTPS_PROXY: `http://me:pw@${host}` })).exitCode).toBe(0)
    expect(received[0]?.login).toBe('me:pw')
  })

  test('with an untrusted certificate is reported as such through a proxy as well', async () => {
    const { host } = await serve(httpProxy({ port: portOf(await registryWith(true)) }))
    const report = await verifyImages([image], { env: { https_proxy: host } })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['tls-untrusted']])
  })

  test.each([403, 407, 500, 502, 503, 504])(
    'is not at fault if the proxy answers CONNECT with %i',
    async (status) => {
      const { host } = await serve(httpProxy({ port: 1, refuse: { status } }))
      const report = await verifyWith({ https_proxy: `http://${host}` })
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
      expect(JSON.stringify(report.causes)).toContain(
        `proxy ${host} (from https_proxy): HTTP ${status} No for CONNECT registry.test:443`,
      )
    },
  )

  test.each([
    [
      'a server that closes the connection',
      () => createServer((socket) => socket.once('data', () => socket.destroy())),
    ],
    ['a server that does not speak HTTP', () => createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'))],
    ['a SOCKS proxy', () => socksProxy({ port: 1 })],
  ])('is not at fault if the proxy is %s', async (_, server) => {
    const { host } = await serve(server())
    const report = await verifyWith({ https_proxy: `http://${host}` })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
  })

  test('is not at fault if the proxy is down or its name unknown', async () => {
    const gone = await serve(createServer())
    await gone.close()
    for (const proxy of [gone.host, 'no-such-proxy.invalid:3128']) {
      const report = await verifyWith({ https_proxy: `http://${proxy}` })
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
      expect(JSON.stringify(report.causes)).toContain(`proxy ${proxy} (from https_proxy)`)
    }
  })

  test.each([
    ['that never answers CONNECT', createServer(), 'no response to CONNECT within 0.2 s'],
    [
      'that never completes its answer to CONNECT',
      createServer((socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nVia: '))),
      'no response to CONNECT within 0.2 s',
    ],
  ])('is not at fault for a proxy %s', async (_, server, detail) => {
    const { host } = await serve(server)
    const client = clientOf({ env: { https_proxy: host }, limits: { connectMs: 200 } })
    const why = whyOf(await get(client, 'https://registry.test/'))
    expect(why).toMatchObject({ kind: 'proxy-failed', host: 'registry.test' })
    expect(why.detail).toBe(`proxy ${host} (from https_proxy): ${detail}`)
  })

  test('is not at fault for a variable that is not a proxy URL, which is named without its value', async () => {
    const report = await verifyWith({ HTTPS_PROXY: 'http://me:canary/1@127.0.0.1:1' })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
    expect(JSON.stringify(report.causes)).toContain('HTTPS_PROXY is not a proxy URL')
    expect(JSON.stringify(report)).not.toContain('canary')
  })

  test('is reached through SOCKS, and the name is resolved by the proxy', async () => {
    const received: ProxyRequest[] = []
    const { host } = await serve(socksProxy({ port: portOf(await registryWith(true)) }, received))
    for (const env of [{ ALL_PROXY: `socks5h://${host}` }, { SOCKS_PROXY: host }]) {
      const report = await verifyWith(env)
      expect([report.exitCode, causeIds(report)]).toEqual([0, ['cert-expiring']])
    }
    expect(new Set(received.map(({ line }) => line))).toEqual(new Set(['registry.test:443']))
  })
})

describe('a SOCKS proxy', () => {
  test('with a login leads to a registry with plain HTTP', async () => {
    const registry = await start()
    pushApp(registry)
    const received: ProxyRequest[] = []
    const { host } = await serve(socksProxy({ port: portOf(registry), login: 'me:p@ss' }, received))
    const env = { http_proxy: `socks5://me:p%40ss@${host}` }
    const report = await verifyImages([image], { env, settings: { insecure: 'true' } })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(received[0]).toEqual({ line: 'registry.test:80', login: 'me:p@ss' })
  })

  test.each([1, 2, 3, 4, 5, 8])(
    'that refuses with code %i is reported as the fault, not the registry',
    async (refuse) => {
      const { host } = await serve(socksProxy({ port: 1, refuse }))
      const report = await verifyImages([image], { env: { all_proxy: `socks5://${host}` } })
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
      expect(JSON.stringify(report.causes)).toContain(
        `proxy ${host} (from all_proxy): SOCKS connection to registry.test failed`,
      )
    },
  )

  test('that refuses the login is reported as the fault, without the login', async () => {
    const { host } = await serve(socksProxy({ port: 1, login: 'me:pw' }))
    const report = await verifyImages([image], { env: { all_proxy: `socks5://me:canary@${host}` } })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
    expect(JSON.stringify(report)).not.toContain('canary')
  })
})

test('a SOCKS proxy that never answers fails after the connect limit', async () => {
  const { host } = await serve(createServer((socket) => void socket.resume()))
  const client = clientOf({ env: { https_proxy: `socks5://${host}` }, limits: { connectMs: 300 } })
  expect(whyOf(await get(client, 'https://registry.test/')).kind).toBe('proxy-failed')
})

test('a proxy that never answers CONNECT does not outlast the run', async () => {
  const { host } = await serve(createServer((socket) => void socket.resume()))
  const report = await verifyImages([image], {
    env: { https_proxy: `http://${host}` },
    signal: AbortSignal.timeout(500),
  })
  expect([report.exitCode, report.targets[0]?.status]).toEqual([3, 'unknown'])
})
