import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EmbeddedRegistry } from '../../../src/fake-registry/registry.ts'
import { hostLines } from '../../../src/outputs/terminal/path.ts'
import { type Authority, createAuthority } from '../../support/certs.ts'
import { suiteNeeds } from '../../support/need.ts'
import { causeIds, verifyImages } from '../../support/verify.ts'
import { get, useRegistries, useServers, useWires, whyOf } from '../kit.ts'
import { login, pushApp, users } from '../registry/people.ts'
import { type Asked, httpProxy, type ProxyOptions, socksProxy } from './proxies.ts'

const start = useRegistries()
const serve = useServers()
const clientOf = useWires()
const image = 'registry.test/app:1'
const portOf = ({ host }: EmbeddedRegistry) => Number(host.split(':')[1])

describe('an HTTP proxy, for a registry of plain http', () => {
  /** A run against a registry that only the proxy finds. */
  async function through(
    options: Partial<ProxyOptions>,
    userInfo = '',
    settings: Record<string, string> = {},
  ) {
    const registry = await start({ auth: settings.username ? { kind: 'basic', users } : { kind: 'none' } })
    pushApp(registry)
    const asked: Asked[] = []
    const { host } = await serve(httpProxy({ port: portOf(registry), ...options }, asked))
    const env = { HTTP_PROXY: `http://${userInfo}${host}` }
    const report = await verifyImages([image], { env, settings: { insecure: 'true', ...settings } })
    return { report, asked, registry, host }
  }

  test('gets every request with the whole address, and the image is verified', async () => {
    const { report, asked, registry, host } = await through({})
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(hostLines(report)).toEqual([`registry.test → the proxy ${host} · plain HTTP · blobs from the same host`])
    expect(asked[0]?.line).toBe('GET http://registry.test/v2/app/manifests/1')
    expect(asked.every(({ line }) => / http:\/\/registry\.test\/v2\/app\//.test(line))).toBe(true)
    expect(asked).toHaveLength(registry.requests.length)
  })

  test('gets the login of its address, and the registry its own', async () => {
    const { report, asked } = await through({ login: 'me:p@ss' }, 'me:p%40ss@', login)
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(new Set(asked.map(({ login }) => login))).toEqual(new Set(['me:p@ss']))
  })

  test.each([
    ['wants a login and gets none', { login: 'me:pw' }, '', '407'],
    ['refuses the login', { login: 'me:pw' }, 'me:other-canary@', '407'],
    [
      'forbids the host',
      { refuse: { status: 403, headers: { 'x-squid-error': 'ERR_ACCESS_DENIED 0' } } },
      '',
      '403',
    ],
    [
      'does not reach the host',
      { refuse: { status: 502, headers: { 'proxy-status': 'squid; error=dns_error' } } },
      '',
      '502',
    ],
  ])('that %s is to blame, and not the registry', async (_, options, userInfo, status) => {
    const { report, asked, host } = await through(options, userInfo)
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
    const faultsOf = JSON.stringify(report.causes)
    expect(faultsOf).toContain(`the proxy ${host} (HTTP_PROXY): it answered ${status}`)
    expect(faultsOf).not.toContain('canary')
    expect(asked.length).toBeLessThanOrEqual(2)
  })

  test('that is not there is to blame, and not the registry', async () => {
    const gone = await serve(createServer())
    await gone.close()
    const env = { http_proxy: `http://me:canary@${gone.host}` }
    const report = await verifyImages([image], { env, settings: { insecure: 'true' } })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
    expect(report.groups.find(({ group }) => group === 'registry')?.status).toBe('unknown')
    expect(JSON.stringify(report)).not.toContain('canary')
  })

  test('lets the answers of the registry through as they are', async () => {
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

  test('is not used for a registry on this machine', async () => {
    const registry = await start()
    const asked: Asked[] = []
    const { host } = await serve(httpProxy({ port: portOf(registry) }, asked))
    const env = { HTTP_PROXY: host, HTTPS_PROXY: host, ALL_PROXY: host }
    expect((await verifyImages([pushApp(registry)], { env })).exitCode).toBe(0)
    expect(asked).toEqual([])
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
  const look = (env: Record<string, string>) =>
    verifyImages([image], { env, settings: login, authorities: [authority.ca] })

  test.each([true, false])('is reached through CONNECT (HTTP/2: %s)', async (http2) => {
    const asked: Asked[] = []
    const { host } = await serve(httpProxy({ port: portOf(await registryWith(http2)) }, asked))
    const report = await look({ https_proxy: `http://${host}` })
    expect([report.exitCode, causeIds(report)]).toEqual([0, ['cert-expiring']])
    expect(new Set(asked.map(({ line }) => line))).toEqual(new Set(['CONNECT registry.test:443']))
    expect(report.hosts[0]).toMatchObject({ host: 'registry.test', protocol: 'https', http2 })
  })

  test('is reached through CONNECT with the login of the proxy, which the registry does not see', async () => {
    const registry = await registryWith(true)
    const asked: Asked[] = []
    const { host } = await serve(httpProxy({ port: portOf(registry), login: 'me:pw' }, asked))
    expect((await look({ HTTPS_PROXY: `http://me:pw@${host}` })).exitCode).toBe(0)
    expect(asked[0]?.login).toBe('me:pw')
  })

  test('whose certificate is not trusted is told as that, through a proxy as well', async () => {
    const { host } = await serve(httpProxy({ port: portOf(await registryWith(true)) }))
    const report = await verifyImages([image], { env: { https_proxy: host } })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['tls-untrusted']])
  })

  test.each([403, 407, 500, 502, 503, 504])(
    'is not blamed when the proxy answers CONNECT with %i',
    async (status) => {
      const { host } = await serve(httpProxy({ port: 1, refuse: { status } }))
      const report = await look({ https_proxy: `http://${host}` })
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
      expect(JSON.stringify(report.causes)).toContain(
        `the proxy ${host} (https_proxy): it answered ${status} No to CONNECT registry.test:443`,
      )
    },
  )

  test.each([
    ['a socket that hangs up', () => createServer((socket) => socket.once('data', () => socket.destroy()))],
    ['something that speaks no HTTP', () => createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'))],
    ['a SOCKS proxy', () => socksProxy({ port: 1 })],
  ])('is not blamed when the proxy is %s', async (_, server) => {
    const { host } = await serve(server())
    const report = await look({ https_proxy: `http://${host}` })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
  })

  test('is not blamed when the proxy is not there, or has no address', async () => {
    const gone = await serve(createServer())
    await gone.close()
    for (const proxy of [gone.host, 'no-such-proxy.invalid:3128']) {
      const report = await look({ https_proxy: `http://${proxy}` })
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
      expect(JSON.stringify(report.causes)).toContain(`the proxy ${proxy} (https_proxy)`)
    }
  })

  test.each([
    ['that takes CONNECT and never answers', createServer(), 'it gave no answer to CONNECT in 0.2 s'],
    [
      'that begins an answer to CONNECT and never ends it',
      createServer((socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nVia: '))),
      'it gave no answer to CONNECT in 0.2 s',
    ],
  ])('is not blamed for a proxy %s', async (_, server, words) => {
    const { host } = await serve(server)
    const client = clientOf({ env: { https_proxy: host }, limits: { connectMs: 200 } })
    const why = whyOf(await get(client, 'https://registry.test/'))
    expect(why).toMatchObject({ kind: 'proxy-failed', host: 'registry.test' })
    expect(why.detail).toBe(`the proxy ${host} (https_proxy): ${words}`)
  })

  test('is not blamed for a variable that holds no address, which is named without its value', async () => {
    const report = await look({ HTTPS_PROXY: 'http://me:canary/1@127.0.0.1:1' })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
    expect(JSON.stringify(report.causes)).toContain('HTTPS_PROXY is no address of a proxy')
    expect(JSON.stringify(report)).not.toContain('canary')
  })

  test('is reached through SOCKS, and the name is resolved by the proxy', async () => {
    const asked: Asked[] = []
    const { host } = await serve(socksProxy({ port: portOf(await registryWith(true)) }, asked))
    for (const env of [{ ALL_PROXY: `socks5h://${host}` }, { SOCKS_PROXY: host }]) {
      const report = await look(env)
      expect([report.exitCode, causeIds(report)]).toEqual([0, ['cert-expiring']])
    }
    expect(new Set(asked.map(({ line }) => line))).toEqual(new Set(['registry.test:443']))
  })
})

describe('a SOCKS proxy', () => {
  test('leads to a registry of plain http, with a login of its own', async () => {
    const registry = await start()
    pushApp(registry)
    const asked: Asked[] = []
    const { host } = await serve(socksProxy({ port: portOf(registry), login: 'me:p@ss' }, asked))
    const env = { http_proxy: `socks5://me:p%40ss@${host}` }
    const report = await verifyImages([image], { env, settings: { insecure: 'true' } })
    expect([report.exitCode, causeIds(report)]).toEqual([0, []])
    expect(asked[0]).toEqual({ line: 'registry.test:80', login: 'me:p@ss' })
  })

  test.each([1, 2, 3, 4, 5, 8])(
    'that refuses with code %i is to blame, and not the registry',
    async (refuse) => {
      const { host } = await serve(socksProxy({ port: 1, refuse }))
      const report = await verifyImages([image], { env: { all_proxy: `socks5://${host}` } })
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
      expect(JSON.stringify(report.causes)).toContain(
        `the proxy ${host} (all_proxy): it gave no way to registry.test`,
      )
    },
  )

  test('that refuses the login is to blame, and the login is not told', async () => {
    const { host } = await serve(socksProxy({ port: 1, login: 'me:pw' }))
    const report = await verifyImages([image], { env: { all_proxy: `socks5://me:canary@${host}` } })
    expect([report.exitCode, causeIds(report)]).toEqual([3, ['proxy-failed']])
    expect(JSON.stringify(report)).not.toContain('canary')
  })
})

test('a SOCKS proxy that says nothing runs into the limit for connecting', async () => {
  const { host } = await serve(createServer((socket) => void socket.resume()))
  const client = clientOf({ env: { https_proxy: `socks5://${host}` }, limits: { connectMs: 300 } })
  const started = performance.now()
  expect(whyOf(await get(client, 'https://registry.test/')).kind).toBe('proxy-failed')
  expect(performance.now() - started).toBeLessThan(5000)
})

test('a proxy that says nothing to CONNECT ends with the run', async () => {
  const { host } = await serve(createServer((socket) => void socket.resume()))
  const report = await verifyImages([image], {
    env: { https_proxy: `http://${host}` },
    signal: AbortSignal.timeout(500),
  })
  expect([report.exitCode, report.targets[0]?.status]).toEqual([3, 'unknown'])
})
