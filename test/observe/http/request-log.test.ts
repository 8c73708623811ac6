import { createServer } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RequestFact } from '../../../src/facts/path.ts'
import { readBody } from '../../../src/observe/http/body.ts'
import type { HttpClient } from '../../../src/observe/http/client.ts'
import { createRequestLog } from '../../../src/observe/http/request-log.ts'
import { type Authority, type Certificate, createAuthority } from '../../support/certs.ts'
import { suiteNeeds } from '../../support/need.ts'
import { verifyImages } from '../../support/verify.ts'
import { get, seenIn, sure, useRegistries, useServers, useWires, whyOf } from '../kit.ts'
import { pushApp } from '../registry/people.ts'
import { httpProxy, socksProxy } from './proxies.ts'

const start = useServers()
const startRegistry = useRegistries()
const clientOf = useWires()

/** A server that answers every request with a few words. */
const listen = () => start(createServer((_request, response) => void response.end('some words')))

/** Sends one request, and reads its response. */
async function read(client: HttpClient, url: string, method: 'GET' | 'HEAD' = 'GET'): Promise<void> {
  await readBody(seenIn(await get(client, url, method)), 1000)
}

const logOf = (client: HttpClient): RequestFact[] => client.requestLog.fact().log

/** The phases that a request has, after each was found to be a whole number of milliseconds. */
function phasesOf({ phases }: RequestFact): string[] {
  for (const ms of Object.values(phases)) expect(Number.isInteger(ms) && ms >= 0).toBe(true)
  return Object.keys(phases)
}

describe('a request on HTTP/1.1', () => {
  test('has its status, the address and every phase; the connection counts for the first alone', async () => {
    const { host } = await listen()
    const client = clientOf({ connections: 1 })
    for (let turn = 0; turn < 3; turn += 1) await read(client, `http://${host}/v2/${turn}`)
    const log = logOf(client)
    expect(log.map(phasesOf)).toEqual([
      ['connect', 'headers', 'body'],
      ['headers', 'body'],
      ['headers', 'body'],
    ])
    for (const [turn, request] of log.entries()) {
      expect(request).toMatchObject({
        ...{ method: 'GET', url: `http://${host}/v2/${turn}`, role: 'registry', status: 200 },
        ...{ address: '127.0.0.1', http2: false, attempt: 0 },
      })
      expect(request).not.toHaveProperty('failure')
      expect(request).not.toHaveProperty('proxy')
    }
  })

  test('has the time of the name lookup, where a name was looked up', async () => {
    const { port } = await listen()
    const client = clientOf({ connections: 1 })
    await read(client, `http://localhost:${port}/`)
    await read(client, `http://localhost:${port}/`)
    expect(logOf(client).map(phasesOf)).toEqual([
      ['dns', 'connect', 'headers', 'body'],
      ['headers', 'body'],
    ])
  })

  test('has no body to wait for after HEAD', async () => {
    const { host } = await listen()
    const client = clientOf()
    await read(client, `http://${host}/`, 'HEAD')
    expect(logOf(client).map(phasesOf)).toEqual([['connect', 'headers']])
  })

  test('is logged without query and login', async () => {
    const { host } = await listen()
    const client = clientOf()
    await read(client, `http://ann:canary@${host}/v2/?X-Amz-Signature=canary`)
    expect(logOf(client)[0]?.url).toBe(`http://${host}/v2/`)
    expect(JSON.stringify(client.requestLog.fact())).not.toContain('canary')
  })

  test('whose response is given up on purpose did not fail', async () => {
    const { host } = await start(
      createServer((_request, response) => void response.end(Buffer.alloc(1_000_000))),
    )
    const client = clientOf()
    seenIn(await get(client, `http://${host}/discarded`)).discard()
    expect((await readBody(seenIn(await get(client, `http://${host}/capped`)), 10)).end).toBe('capped')
    await expect
      .poll(() => logOf(client).map(phasesOf))
      .toEqual(Array(2).fill(['connect', 'headers', 'body']))
    expect(logOf(client).some(({ failure }) => failure)).toBe(false)
  })
})

test('a redirect is two requests, in their order, and the second goes to the storage', async () => {
  const storage = await listen()
  const registry = await start(
    createServer((_request, response) => {
      response.writeHead(307, { location: `http://${storage.host}/blob?signature=canary` })
      response.end()
    }),
  )
  const client = clientOf()
  await read(client, `http://${registry.host}/v2/blob`)
  expect(logOf(client)).toMatchObject([
    { url: `http://${registry.host}/v2/blob`, role: 'registry', status: 307 },
    { url: `http://${storage.host}/blob`, role: 'storage', status: 200 },
  ])
})

test('retries are numbered', async () => {
  const registry = await startRegistry()
  pushApp(registry)
  registry.faults.add({ path: /\/manifests\/1$/, times: 2 }, { status: 503 })
  const report = await verifyImages([`${registry.host}/app:1`], { settings: { log_level: 'debug' } })
  const first = sure(report.requestLog).filter(
    ({ method, url }) => method === 'GET' && /manifests\/1$/.test(url),
  )
  expect(first.map(({ status, attempt }) => [status, attempt])).toEqual([
    [503, 0],
    [503, 1],
    [200, 2],
  ])
  expect(report.requestLog).toHaveLength(registry.requests.length)
})

suiteNeeds(['openssl'])('a request over TLS', () => {
  let authority: Authority
  let certificate: Certificate
  beforeAll(async () => {
    authority = await createAuthority()
    certificate = await authority.issue({ names: ['127.0.0.1', 'registry.test'] })
  })
  afterAll(() => authority.remove())

  const listenTls = (http2: boolean) => {
    const { key, cert } = certificate
    const answer = (_request: unknown, response: { end: (text: string) => unknown }) =>
      void response.end('some words')
    return start(http2 ? createSecureServer({ key, cert }, answer) : createTlsServer({ key, cert }, answer))
  }

  test.each([
    ['HTTP/2', true],
    ['HTTP/1.1', false],
  ])('shows %s, and the handshake in the first request alone', async (_version, http2) => {
    const { host } = await listenTls(http2)
    const client = clientOf({ authorities: [authority.ca], connections: 1 })
    await read(client, `https://${host}/`)
    await Promise.all([1, 2, 3, 4].map((at) => read(client, `https://${host}/${at}`)))
    const [first, ...others] = logOf(client)
    expect(phasesOf(sure(first))).toEqual(['connect', 'tls', 'headers', 'body'])
    expect(others.map(phasesOf)).toEqual(Array(4).fill(['headers', 'body']))
    for (const request of logOf(client))
      expect(request).toMatchObject({ http2, address: '127.0.0.1', status: 200 })
  })

  test('that trusts nobody has failed in the handshake, at an address', async () => {
    const { host, port } = await listenTls(true)
    const client = clientOf()
    whyOf(await get(client, `https://${host}/`))
    const [request] = logOf(client)
    expect(request?.failure).toMatchObject({
      ...{ kind: 'tls-untrusted', phase: 'tls', host, url: `https://${host}/` },
      ...{ addresses: ['127.0.0.1'], port, ms: expect.any(Number) },
    })
    expect(request).not.toHaveProperty('status')
  })

  test.each([
    ['an HTTP proxy', httpProxy, 'HTTPS_PROXY', 'http'],
    ['a SOCKS proxy', socksProxy, 'ALL_PROXY', 'socks5h'],
  ] as const)('through %s names the proxy, and no address', async (_what, proxyOf, variable, scheme) => {
    const { port } = await listenTls(true)
    const proxy = await start(proxyOf({ port }))
    const env = { [variable]: `${scheme}://me:canary@${proxy.host}` }
    const client = clientOf({ authorities: [authority.ca], env })
    await read(client, 'https://registry.test/v2/')
    const [request] = logOf(client)
    expect(request).toMatchObject({ status: 200, proxy: proxy.host, http2: true })
    expect(request).not.toHaveProperty('address')
    expect(phasesOf(sure(request))).toEqual(['connect', 'tls', 'headers', 'body'])
    expect(JSON.stringify(request)).not.toContain('canary')
  })
})

test('plain HTTP through a proxy names the proxy, and not its address', async () => {
  const { port } = await listen()
  const proxy = await start(httpProxy({ port }))
  const client = clientOf({ env: { HTTP_PROXY: `http://me:canary@${proxy.host}` } })
  await read(client, 'http://registry.test/v2/')
  const [request] = logOf(client)
  expect(request).toMatchObject({ url: 'http://registry.test/v2/', status: 200, proxy: proxy.host })
  expect(request).not.toHaveProperty('address')
})

describe('a request that fails', () => {
  test('without a connection has the address and port that were tried, and no phase', async () => {
    const { host, port, close } = await listen()
    await close()
    const client = clientOf()
    const why = whyOf(await get(client, `http://${host}/v2/?canary`))
    const [request] = logOf(client)
    expect(request?.failure).toEqual(why)
    expect(request?.failure).toMatchObject({
      ...{ kind: 'connection-refused', phase: 'connect', host, url: `http://${host}/v2/` },
      ...{ addresses: ['127.0.0.1'], port, ms: expect.any(Number) },
    })
    expect(request?.phases).toEqual({})
    expect(request).not.toHaveProperty('address')
  })

  test('without an address has the time that the lookup took', async () => {
    const client = clientOf()
    await get(client, 'https://registry.invalid/v2/')
    expect(logOf(client)[0]?.failure).toMatchObject({
      kind: 'name-not-resolved',
      phase: 'dns',
      ms: expect.any(Number),
    })
  })

  test('without a response has the connection, and the wait for it', async () => {
    const { host } = await start(
      createTcpServer((socket) => void socket.once('data', () => socket.destroy())),
    )
    const client = clientOf()
    whyOf(await get(client, `http://${host}/`))
    const [request] = logOf(client)
    expect(request).toMatchObject({
      address: '127.0.0.1',
      failure: { kind: 'connection-cut', phase: 'headers' },
    })
    expect(phasesOf(sure(request))).toEqual(['connect', 'headers'])
  })

  test('in the body has its status, too', async () => {
    const { host } = await start(
      createServer((_request, response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('half', () => response.destroy())
      }),
    )
    const client = clientOf()
    expect((await readBody(seenIn(await get(client, `http://${host}/`)), 1000)).end).toBe('cut')
    await expect
      .poll(() => logOf(client)[0]?.failure)
      .toMatchObject({ kind: 'connection-cut', phase: 'body' })
    expect(logOf(client)[0]).toMatchObject({ status: 200, failure: { url: `http://${host}/` } })
  })

  test('because the run was stopped says so', async () => {
    const { host } = await start(createServer(() => {}))
    const controller = new AbortController()
    const client = clientOf({ signal: controller.signal })
    const answer = get(client, `http://${host}/`)
    setTimeout(() => controller.abort(new Error('stopped by SIGTERM')), 50)
    whyOf(await answer)
    expect(logOf(client)[0]?.failure).toMatchObject({ kind: 'run-stopped', detail: 'stopped by SIGTERM' })
  })
})

test('of very many requests the first 10,000 are logged, and all are counted', () => {
  const log = createRequestLog(
    () => 0,
    () => 0,
  )
  for (let at = 0; at < 10_005; at += 1) {
    const entry = log.begin({
      url: new URL(`http://a.test/${at}`),
      method: 'GET',
      headers: {},
      role: 'registry',
    })
    entry.answered(200)
    entry.ended()
  }
  const fact = log.fact()
  expect(fact.requests).toBe(10_005)
  expect(fact.log).toHaveLength(10_000)
  expect(fact.log.at(-1)).toMatchObject({
    url: 'http://a.test/9999',
    status: 200,
    phases: { headers: 0, body: 0 },
  })
})
