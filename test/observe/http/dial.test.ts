import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Authority, createAuthority } from '../../support/certs.ts'
import { suiteNeeds } from '../../support/need.ts'
import { get, seenIn, useServers, useWires, whyOf } from '../kit.ts'

const start = useServers()
const clientOf = useWires()

describe('dialling', () => {
  test('a port that nothing listens on is told as refused, with address and port', async () => {
    const gone = await start(createServer())
    await gone.close()
    const why = whyOf(await get(clientOf(), `http://${gone.host}/`))
    expect(why).toMatchObject({ kind: 'connection-refused', host: gone.host, phase: 'connect' })
    expect(why.detail).toContain(`127.0.0.1 port ${gone.port}`)
  })

  test('a name that no resolver knows is told as that', async () => {
    const why = whyOf(await get(clientOf(), 'http://no-such-host.invalid/'))
    expect(why).toMatchObject({ kind: 'name-not-resolved', host: 'no-such-host.invalid', phase: 'dns' })
  })

  test('a name tells where its address came from', async () => {
    const { port } = await start(createHttp((_, response) => response.end()))
    const client = clientOf()
    seenIn(await get(client, `http://localhost:${port}/`)).discard()
    const [host] = client.requestLog.fact().hosts
    expect(host).toMatchObject({ host: `localhost:${port}`, source: 'hosts file', protocol: 'http' })
    expect(host?.addresses).toEqual(['127.0.0.1'])
  })

  test('a server that takes the request and never answers runs into the limit for answers', async () => {
    const { host } = await start(createHttp(() => {}))
    const why = whyOf(await get(clientOf({ limits: { headersMs: 300 } }), `http://${host}/`))
    expect(why).toMatchObject({ kind: 'answer-timeout', phase: 'headers' })
    expect(why.detail).toContain('0.3 s')
  })

  test('a server that hangs up on the request is told as a cut connection', async () => {
    const { host } = await start(createServer((socket) => socket.once('data', () => socket.destroy())))
    expect(whyOf(await get(clientOf(), `http://${host}/`)).kind).toBe('connection-cut')
  })
})

describe('a TLS handshake', () => {
  test('that the server never answers runs into its own limit, not that of connecting', async () => {
    const { host } = await start(createServer(() => {}))
    const why = whyOf(await get(clientOf({ limits: { tlsMs: 300 } }), `https://${host}/`))
    expect(why).toMatchObject({ kind: 'tls-failed', phase: 'tls' })
    expect(why.detail).toContain('0.3 s')
  })

  test('with a server of plain HTTP says that it is plain HTTP', async () => {
    const { host } = await start(createHttp((_, response) => response.end('hello')))
    expect(whyOf(await get(clientOf(), `https://${host}/`))).toMatchObject({
      kind: 'tls-plain-http',
      phase: 'tls',
    })
  })

  test('that the server hangs up on is a failed handshake', async () => {
    const { host } = await start(createServer((socket) => socket.once('data', () => socket.destroy())))
    expect(whyOf(await get(clientOf(), `https://${host}/`))).toMatchObject({
      kind: 'tls-failed',
      phase: 'tls',
    })
  })
})

suiteNeeds(['openssl'])('a certificate', () => {
  let authority: Authority
  beforeAll(async () => {
    authority = await createAuthority()
  })
  afterAll(() => authority.remove())

  async function serve(options: Parameters<Authority['issue']>[0] = {}): Promise<string> {
    const { key, cert } = await authority.issue(options)
    const { host } = await start(createHttps({ key, cert }, (_, response) => response.end('hello')))
    return `https://${host}/`
  }

  test('of an unknown authority is untrusted', async () => {
    const why = whyOf(await get(clientOf(), await serve()))
    expect(why).toMatchObject({ kind: 'tls-untrusted', phase: 'tls' })
  })

  test('that signed itself is untrusted', async () => {
    const url = await serve({ selfSigned: true })
    expect(whyOf(await get(clientOf({ authorities: [authority.ca] }), url)).kind).toBe('tls-untrusted')
  })

  test('of a given authority is taken, and told', async () => {
    const client = clientOf({ authorities: [authority.ca] })
    expect(seenIn(await get(client, await serve())).status).toBe(200)
    const tls = client.requestLog.fact().hosts[0]?.tls
    expect(tls).toMatchObject({ subject: 'localhost', issuer: 'regguard test CA', verified: true })
    expect(tls?.validTo).toBeGreaterThan(Date.now())
  })

  test('that is over is expired', async () => {
    const why = whyOf(await get(clientOf({ authorities: [authority.ca] }), await serve({ expired: true })))
    expect(why).toMatchObject({ kind: 'tls-expired', phase: 'tls' })
  })

  test('for another name is a name mismatch, and the name is told', async () => {
    const url = await serve({ names: ['registry.test'] })
    const why = whyOf(await get(clientOf({ authorities: [authority.ca] }), url))
    expect(why.kind).toBe('tls-name-mismatch')
    expect(why.detail).toContain('127.0.0.1')
  })

  test('is taken whatever it says when checking is turned off, and is told as not verified', async () => {
    const client = clientOf({ skipTlsVerify: true })
    const url = await serve({ names: ['registry.test'], expired: true })
    expect(seenIn(await get(client, url)).status).toBe(200)
    expect(client.requestLog.fact().hosts[0]?.tls?.verified).toBe(false)
  })
})
