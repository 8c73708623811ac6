import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Authority, createAuthority } from '../../support/certs.ts'
import { suiteNeeds } from '../../support/need.ts'
import { get, seenIn, useServers, useWires, whyOf } from '../kit.ts'

const start = useServers()
const clientOf = useWires()

describe('a connection', () => {
  test('to a port without a listener is refused, and the detail has address and port', async () => {
    const gone = await start(createServer())
    await gone.close()
    const why = whyOf(await get(clientOf(), `http://${gone.host}/`))
    expect(why).toMatchObject({ kind: 'connection-refused', host: gone.host, phase: 'connect' })
    expect(why.detail).toBe(`connection to 127.0.0.1:${gone.port} refused`)
  })

  test('to an unknown name is not resolved', async () => {
    const why = whyOf(await get(clientOf(), 'http://no-such-host.invalid/'))
    expect(why).toMatchObject({ kind: 'name-not-resolved', host: 'no-such-host.invalid', phase: 'dns' })
  })

  test('records whether DNS or the hosts file resolved the name', async () => {
    const { port } = await start(createHttp((_, response) => response.end()))
    const client = clientOf()
    seenIn(await get(client, `http://localhost:${port}/`)).discard()
    const [host] = client.requestLog.fact().hosts
    expect(host).toMatchObject({ host: `localhost:${port}`, source: 'hosts file', protocol: 'http' })
    expect(host?.addresses).toEqual(['127.0.0.1'])
  })

  test('on which a request gets no response fails after the response limit', async () => {
    const { host } = await start(createHttp(() => {}))
    const why = whyOf(await get(clientOf({ limits: { headersMs: 300 } }), `http://${host}/`))
    expect(why).toMatchObject({ kind: 'answer-timeout', phase: 'headers' })
    expect(why.detail).toBe('no response within 0.3 s after the request was sent')
  })

  test('that the server closes after the request is cut', async () => {
    const { host } = await start(createServer((socket) => socket.once('data', () => socket.destroy())))
    expect(whyOf(await get(clientOf(), `http://${host}/`)).kind).toBe('connection-cut')
  })
})

describe('a TLS handshake', () => {
  test('that the server never answers fails after the TLS limit, not the connect limit', async () => {
    const { host } = await start(createServer(() => {}))
    const why = whyOf(await get(clientOf({ limits: { tlsMs: 300 } }), `https://${host}/`))
    expect(why).toMatchObject({ kind: 'tls-timeout', phase: 'tls' })
    expect(why.detail).toBe('TLS handshake timed out after 0.3 s')
  })

  test('with a plain HTTP server is reported in plain words, with the error of OpenSSL as evidence', async () => {
    const { host } = await start(createHttp((_, response) => response.end('hello')))
    expect(whyOf(await get(clientOf(), `https://${host}/`))).toMatchObject({
      kind: 'tls-plain-http',
      phase: 'tls',
      detail: 'the server answered the TLS handshake without TLS, most likely in plain HTTP',
      evidence: ['wrong version number', 'ERR_SSL_WRONG_VERSION_NUMBER'],
    })
  })

  test('that the server closes fails', async () => {
    const { host } = await start(createServer((socket) => socket.once('data', () => socket.destroy())))
    expect(whyOf(await get(clientOf(), `https://${host}/`))).toMatchObject({
      kind: 'tls-failed',
      phase: 'tls',
      detail: 'connection closed during the TLS handshake',
      sign: 'close',
    })
  })

  test('that the server resets fails, and is told apart', async () => {
    const { host } = await start(
      createServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
    )
    expect(whyOf(await get(clientOf(), `https://${host}/`))).toMatchObject({
      kind: 'tls-failed',
      phase: 'tls',
      detail: 'connection reset during the TLS handshake',
      sign: 'reset',
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

  test('that is self-signed is untrusted', async () => {
    const url = await serve({ selfSigned: true })
    expect(whyOf(await get(clientOf({ authorities: [authority.ca] }), url)).kind).toBe('tls-untrusted')
  })

  test('of a configured authority is accepted and recorded', async () => {
    const client = clientOf({ authorities: [authority.ca] })
    expect(seenIn(await get(client, await serve())).status).toBe(200)
    const tls = client.requestLog.fact().hosts[0]?.tls
    expect(tls).toMatchObject({ subject: 'localhost', issuer: 'regguard test CA', verified: true })
    expect(tls?.validTo).toBeGreaterThan(Date.now())
  })

  test('that has expired is reported as expired', async () => {
    const why = whyOf(await get(clientOf({ authorities: [authority.ca] }), await serve({ expired: true })))
    expect(why).toMatchObject({ kind: 'tls-expired', phase: 'tls' })
  })

  test('for another name is a mismatch, and the detail has both names', async () => {
    const url = await serve({ names: ['registry.test'] })
    const why = whyOf(await get(clientOf({ authorities: [authority.ca] }), url))
    expect(why.kind).toBe('tls-name-mismatch')
    expect(why.detail).toBe('the certificate is not valid for 127.0.0.1, only for registry.test')
  })

  test('is accepted without verification with skipTlsVerify, and recorded as not verified', async () => {
    const client = clientOf({ skipTlsVerify: () => true })
    const url = await serve({ names: ['registry.test'], expired: true })
    expect(seenIn(await get(client, url)).status).toBe(200)
    expect(client.requestLog.fact().hosts[0]?.tls?.verified).toBe(false)
  })
})
