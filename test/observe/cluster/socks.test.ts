import { createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { ClusterAccess } from '../../../src/observe/cluster/access.ts'
import { openApi } from '../../../src/observe/cluster/api.ts'
import { createAuthority } from '../../support/certs.ts'
import { type FakeCluster, startFakeApi } from '../../support/cluster/fake-api.ts'
import { suiteNeeds } from '../../support/need.ts'
import { type ProxyRequest, socksProxy } from '../http/proxies.ts'
import { useServers } from '../kit.ts'

const serve = useServers()
const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

/** An API server that only the proxy can resolve: kubernetes.test. */
async function behind(
  cluster: FakeCluster,
  { login, userInfo = '', refuse }: { login?: string; userInfo?: string; refuse?: number } = {},
  tls: Partial<ClusterAccess['tls']> = {},
) {
  const server = await startFakeApi(cluster)
  const { protocol, port } = new URL(server.url)
  const received: ProxyRequest[] = []
  const proxy = socksProxy(
    { port: Number(port), ...(login ? { login } : {}), ...(refuse ? { refuse } : {}) },
    received,
  )
  const { host } = await serve(proxy)
  open.push(server.close)
  const get = apiThrough(`socks5://${userInfo}${host}`, `${protocol}//kubernetes.test:6443`, tls)
  return { get, received, host }
}

function apiThrough(
  proxy: string,
  server: string,
  tls: Partial<ClusterAccess['tls']> = {},
  connectMs = 10_000,
) {
  const api = openApi(
    {
      ...{ server: new URL(server), from: 'test', proxy: new URL(proxy), auth: { kind: 'none' } },
      tls: { skipVerify: false, ...tls },
    },
    {
      ...{ env: {}, signal: new AbortController().signal, now: Date.now, keepSecret: () => {} },
      ...{ userAgent: 'test', limits: { retryMs: 1, connectMs } },
    },
  )
  open.push(api.close)
  return () => api.get('/version')
}

test('an API server is reached through SOCKS, and the proxy resolves its name', async () => {
  const { get, received } = await behind({ lists: {} }, { login: 'me:p@ss', userInfo: 'me:p%40ss@' })
  expect(await get()).toMatchObject({ ok: true })
  expect(received).toEqual([{ line: 'kubernetes.test:6443', login: 'me:p@ss' }])
})

suiteNeeds(['openssl'])('through SOCKS', () => {
  test('TLS is with the API server: its name, the authority and the client certificate count', async () => {
    const authority = await createAuthority()
    try {
      const [server, client] = [
        await authority.issue({ names: ['kubernetes.test'] }),
        await authority.issue({ names: ['ci'] }),
      ]
      const tls = {
        ...{ key: server.key, cert: server.cert, ca: authority.ca },
        ...{ requestCert: true, rejectUnauthorized: true },
      }
      const own = { ca: authority.ca, cert: client.cert, key: client.key }
      expect(await (await behind({ lists: {}, tls }, {}, own)).get()).toMatchObject({ ok: true })
      for (const less of [
        { ca: authority.ca },
        { cert: client.cert, key: client.key },
        { ...own, servername: 'b' },
      ])
        expect(await (await behind({ lists: {}, tls }, {}, less)).get()).toMatchObject({
          ok: false,
          failure: { kind: 'unreachable' },
        })
    } finally {
      await authority.remove()
    }
  })
})

test('a proxy that refuses is named as what failed, without its login', async () => {
  for (const options of [{ refuse: 5 }, { login: 'me:pw', userInfo: 'me:canary@' }]) {
    const { get, host } = await behind({ lists: {} }, options)
    const answer = await get()
    expect(answer).toMatchObject({
      ok: false,
      failure: { kind: 'unreachable', why: expect.stringContaining(`proxy ${host} (from proxy-url): SOCKS`) },
    })
    expect(JSON.stringify(answer)).not.toContain('canary')
  }
})

test('a proxy that is gone, or never answers, is named as well', async () => {
  const gone = await serve(createServer())
  await gone.close()
  const silent = await serve(createServer((socket) => void socket.resume()))
  for (const { host } of [gone, silent])
    expect(await apiThrough(`socks5://${host}`, 'https://kubernetes.test:6443', {}, 300)()).toMatchObject({
      ok: false,
      failure: { kind: 'unreachable', why: expect.stringContaining(`proxy ${host} (from proxy-url): `) },
    })
})
