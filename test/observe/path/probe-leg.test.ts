import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ProbeOptions, probeLeg } from '../../../src/observe/path/probe-leg.ts'
import { type Authority, createAuthority } from '../../support/certs.ts'
import { suiteNeeds } from '../../support/need.ts'
import { useServers } from '../kit.ts'

const start = useServers()

const options = (more: Partial<ProbeOptions> = {}): ProbeOptions => ({
  skipTlsVerify: () => false,
  authorities: [],
  certsRoot: '/nonexistent',
  env: {},
  userAgent: 'regguard/test',
  signal: new AbortController().signal,
  now: () => 1000,
  ...more,
})

const probe = (url: string, more: Partial<ProbeOptions> = {}) =>
  probeLeg({ step: 'endpoint', of: url, url: new URL(url) }, options(more))

describe('a leg', () => {
  test('over plain HTTP has the time of each phase and the status', async () => {
    const { host } = await start(createHttp((_, response) => response.writeHead(401).end('{}')))
    const leg = await probe(`http://${host}/v2/?secret=1`)
    expect(leg).toMatchObject({
      url: `http://${host}/v2/`,
      host,
      hostHeader: host,
      source: 'address',
      lookups: [],
    })
    expect(leg).not.toHaveProperty('servername')
    expect(leg.addresses).toEqual([
      {
        address: '127.0.0.1',
        attempts: [
          {
            at: 1000,
            status: 401,
            phases: { connect: expect.any(Number), headers: expect.any(Number), body: expect.any(Number) },
          },
        ],
      },
    ])
  })

  test('to a name is looked up, and says that the hosts file has it', async () => {
    const { port } = await start(createHttp((_, response) => response.end()))
    const leg = await probe(`http://localhost:${port}/`)
    expect(leg).toMatchObject({ source: 'hosts file', lookups: [{ at: 1000, ms: expect.any(Number) }] })
  })

  test('to a name without an address has the failure of the lookup and no address', async () => {
    const leg = await probe('https://no-such-host.invalid/')
    expect(leg).toMatchObject({ lookups: [{ failure: { kind: 'name-not-resolved' } }], addresses: [] })
  })

  test('gives each address a verdict of its own', async () => {
    const { port } = await start(createHttp((_, response) => response.end()))
    const url = new URL(`http://registry.invalid:${port}/v2/`)
    const addresses = ['127.0.0.1', '127.9.9.9']
    const leg = await probeLeg({ step: 'mirror', of: 'hosts.toml', url, addresses }, options())
    expect(
      leg.addresses.map(({ address, attempts: [one] }) => [address, one?.status ?? one?.failure?.kind]),
    ).toEqual([
      ['127.0.0.1', 200],
      ['127.9.9.9', 'connection-refused'],
    ])
    expect(leg.addresses[1]?.attempts[0]?.failure).toMatchObject({ addresses: ['127.9.9.9'], port })
  })

  test('behind a proxy is not probed', async () => {
    const leg = await probe('https://registry.invalid/', {
      env: { HTTPS_PROXY: 'http://proxy.invalid:3128' },
    })
    expect(leg).toMatchObject({ proxy: 'proxy.invalid:3128', lookups: [], addresses: [] })
  })

  test('ends with the run', async () => {
    const controller = new AbortController()
    const { host } = await start(createHttp(() => controller.abort(new Error('the run was stopped'))))
    const leg = await probe(`http://${host}/`, { signal: controller.signal })
    expect(leg.addresses[0]?.attempts[0]?.failure).toMatchObject({ kind: 'run-stopped' })
  })
})

describe('each phase runs out by its own limit', () => {
  const failureOf = async (url: string, limits: NonNullable<ProbeOptions['limits']>) => {
    const leg = await probe(url, { limits })
    return leg.addresses[0]?.attempts[0]?.failure
  }

  test('a handshake without an answer', async () => {
    const { host } = await start(createServer(() => {}))
    expect(await failureOf(`https://${host}/`, { tlsMs: 200 })).toMatchObject({
      kind: 'tls-timeout',
      phase: 'tls',
      ms: 200,
    })
  })

  test('a request without a response', async () => {
    const { host } = await start(createHttp(() => {}))
    expect(await failureOf(`http://${host}/`, { headersMs: 200 })).toMatchObject({
      kind: 'answer-timeout',
      phase: 'headers',
      ms: 200,
    })
  })

  test('a body that stalls', async () => {
    const { host } = await start(
      createHttp((_, response) => void response.writeHead(200, { 'content-length': '9' }).write('half')),
    )
    expect(await failureOf(`http://${host}/`, { bodyMs: 200 })).toMatchObject({
      kind: 'answer-timeout',
      phase: 'body',
      ms: 200,
    })
  })

  test('a connection that is cut in the body, and one before the response', async () => {
    const { host } = await start(
      createHttp(({ url, socket }, response) => {
        if (url === '/body')
          response.writeHead(200, { 'content-length': '9' }).write('half', () => socket.destroy())
        else socket.destroy()
      }),
    )
    expect(await failureOf(`http://${host}/body`, {})).toMatchObject({
      kind: 'connection-cut',
      phase: 'body',
    })
    expect(await failureOf(`http://${host}/`, {})).toMatchObject({ kind: 'connection-cut', phase: 'headers' })
  })
})

suiteNeeds(['openssl'])('the certificate of a leg', () => {
  let authority: Authority
  beforeAll(async () => {
    authority = await createAuthority()
  })
  afterAll(() => authority.remove())

  test('is known where it is accepted', async () => {
    const { host, port } = await start(
      createHttps(await authority.issue({ names: ['registry.lab'] }), (request, response) =>
        response.end(request.headers.host),
      ),
    )
    const request = {
      step: 'mirror' as const,
      of: 'hosts.toml',
      url: new URL(`https://${host}/v2/`),
      servername: 'registry.lab',
      hostHeader: 'registry.lab',
    }
    const leg = await probeLeg(request, options({ authorities: [authority.ca] }))
    expect(leg).toMatchObject({
      servername: 'registry.lab',
      hostHeader: 'registry.lab',
      host: `127.0.0.1:${port}`,
    })
    expect(leg.addresses[0]).toMatchObject({
      attempts: [{ status: 200, phases: { tls: expect.any(Number) } }],
      certificate: {
        subject: 'registry.lab',
        issuer: 'regguard test CA',
        names: ['registry.lab'],
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    })
  })

  test('is known where it is not accepted', async () => {
    const { host } = await start(createHttps(await authority.issue({ names: ['other.lab'] })))
    const [address] = (await probe(`https://${host}/`, { authorities: [authority.ca] })).addresses
    expect(address).toMatchObject({
      attempts: [{ failure: { kind: 'tls-name-mismatch', phase: 'tls' } }],
      certificate: { names: ['other.lab'] },
    })
  })
})
