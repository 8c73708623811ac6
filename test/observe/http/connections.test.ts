import { createServer } from 'node:http'
import { createSecureServer, type Http2SecureServer } from 'node:http2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readBody } from '../../../src/observe/http/body.ts'
import { type Authority, type Certificate, createAuthority } from '../../support/certs.ts'
import { suiteNeeds } from '../../support/need.ts'
import { get, seenIn, useServers, useWires } from '../kit.ts'

const start = useServers()
const clientOf = useWires()

describe('an HTTP/1.1 connection', () => {
  const listen = () =>
    start(
      createServer((request, response) => {
        response.writeHead(request.url === '/gone' ? 404 : 200)
        response.end('some words')
      }),
    )

  test('is reused after a HEAD', async () => {
    const { host, connections } = await listen()
    const client = clientOf()
    // A second one may open while the first is still completing its exchange; without reuse there would be twenty.
    for (let turn = 0; turn < 20; turn += 1) seenIn(await get(client, `http://${host}/`, 'HEAD')).discard()
    expect(connections()).toBeLessThanOrEqual(2)
  })

  test('is reused after a 404 whose body was read', async () => {
    const { host, connections } = await listen()
    const client = clientOf()
    for (let turn = 0; turn < 20; turn += 1) {
      const answer = seenIn(await get(client, `http://${host}/gone`))
      expect((await readBody(answer, 1000)).end).toBe('whole')
    }
    expect(connections()).toBeLessThanOrEqual(2)
  })

  test('is reused after a short body was discarded', async () => {
    const { host, connections } = await listen()
    const client = clientOf()
    for (let turn = 0; turn < 20; turn += 1) seenIn(await get(client, `http://${host}/`)).discard()
    expect(connections()).toBeLessThanOrEqual(2)
  })

  test('is one of at most the configured number', async () => {
    const { host, connections } = await listen()
    const client = clientOf({ connections: 3 })
    const all = Array.from({ length: 20 }, () => get(client, `http://${host}/`))
    for (const answer of await Promise.all(all)) await readBody(seenIn(answer), 1000)
    expect(connections()).toBe(3)
  })

  test('requests no content coding, has a user agent, and is recorded in the log', async () => {
    const headers: NodeJS.Dict<string | string[]>[] = []
    const { host } = await start(
      createServer((request, response) => {
        headers.push(request.headers)
        response.end('hello')
      }),
    )
    const client = clientOf()
    await readBody(seenIn(await get(client, `http://${host}/`)), 100)
    expect(headers[0]).toMatchObject({ 'accept-encoding': 'identity', 'user-agent': 'regguard/test' })
    const fact = client.requestLog.fact()
    expect(fact).toMatchObject({ requests: 1, bytes: 5 })
    expect(fact.hosts).toMatchObject([{ host, roles: ['registry'], source: 'address', http2: false }])
  })
})

suiteNeeds(['openssl'])('HTTP/2', () => {
  let authority: Authority
  let certificate: Certificate
  beforeAll(async () => {
    authority = await createAuthority()
    certificate = await authority.issue()
  })
  afterAll(() => authority.remove())

  async function listen(onStream: (server: Http2SecureServer) => void) {
    const { key, cert } = certificate
    const server = createSecureServer({ key, cert, allowHTTP1: true })
    onStream(server)
    return { ...(await start(server)), client: clientOf({ authorities: [authority.ca] }) }
  }

  test('is used if the server offers it, with one connection for many requests', async () => {
    const versions = new Set<string>()
    const { host, connections, client } = await listen((server) =>
      server.on('request', (request, response) => {
        versions.add(request.httpVersion)
        setTimeout(() => response.end('hello'), 5)
      }),
    )
    await readBody(seenIn(await get(client, `https://${host}/`)), 100)
    const rest = Array.from({ length: 40 }, async (_, at) => {
      const method = at % 2 === 0 ? 'GET' : 'HEAD'
      const answer = seenIn(await get(client, `https://${host}/${at}`, method))
      return (await readBody(answer, 100)).bytes.toString()
    })
    const bodies = await Promise.all(rest)
    expect(bodies.filter((body) => body === 'hello')).toHaveLength(20)
    expect([...versions]).toEqual(['2.0'])
    expect(connections()).toBe(1)
    expect(client.requestLog.fact().hosts[0]).toMatchObject({ http2: true, requests: 41, protocol: 'https' })
  })

  test('reports a stream that the server reset as a cut, and continues the others', async () => {
    const { host, client } = await listen((server) =>
      server.on('stream', (stream, headers) => {
        stream.on('error', () => {})
        stream.respond({ ':status': 200, 'content-length': '1000' })
        if (headers[':path'] === '/bad') stream.write('half', () => setTimeout(() => stream.close(2), 20))
        else stream.end('x'.repeat(1000))
      }),
    )
    const bad = readBody(seenIn(await get(client, `https://${host}/bad`)), 2000)
    const good = readBody(seenIn(await get(client, `https://${host}/good`)), 2000)
    expect(await bad).toMatchObject({ end: 'cut', why: { kind: 'connection-cut' } })
    expect(await good).toMatchObject({ end: 'whole' })
  })
})
