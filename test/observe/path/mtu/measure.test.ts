import { createServer as createHttp } from 'node:http'
import { createServer, type Server } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import largeClientHelloDropped from '../../../../src/checks/path/tls-large-clienthello-dropped.ts'
import { messageFor } from '../../../../src/observe/path/mtu/first-message.ts'
import { measureMtu } from '../../../../src/observe/path/mtu/measure.ts'
import { openHostAccess } from '../../../../src/observe/runner/host-access.ts'
import { type Authority, createAuthority } from '../../../support/certs.ts'
import { faultsOf } from '../../../support/facts.ts'
import { endpointOf, withMtu } from '../../../support/mtu-facts.ts'
import { suiteNeeds } from '../../../support/need.ts'
import { useServers } from '../../kit.ts'

const measure = async (
  port: number,
  protocol: 'http' | 'https' = 'https',
  { path = process.env.PATH ?? '', signal = new AbortController().signal } = {},
) =>
  measureMtu(await messageFor(new URL(`${protocol}://localhost/v2/`)), {
    ...{ address: '127.0.0.1', port, path, signal },
    access: openHostAccess({ signal, now: Date.now, path }),
  })

suiteNeeds(['ss', 'socat', 'openssl'])('the path MTU to a server', () => {
  const start = useServers()
  let authority: Authority
  beforeAll(async () => {
    authority = await createAuthority()
  })
  afterAll(() => authority.remove())

  const tlsServer = async () => {
    const { key, cert } = await authority.issue()
    return start(createTls({ key, cert }) as Server)
  }

  test('that answers is open both ways, as far as its messages filled packets', async () => {
    const { port } = await tlsServer()
    expect(await measure(port)).toMatchObject({
      seen: true,
      value: {
        inbound: { state: 'open' },
        outbound: { state: 'open' },
        firstMessage: { small: 'answered', large: 'answered', split: 'answered' },
        probes: 4,
      },
    })
  })

  test('that speaks plain HTTP is asked for /v2/', async () => {
    const urls: (string | undefined)[] = []
    const server = createHttp((request, response) => {
      urls.push(request.url)
      response.writeHead(401).end()
    })
    const { port } = await start(server)
    expect(await measure(port, 'http')).toMatchObject({
      seen: true,
      value: { firstMessage: { large: 'answered' } },
    })
    expect(new Set(urls)).toEqual(new Set(['/v2/']))
  })

  test('that takes everything and says nothing: its side of the path is unknown', async () => {
    const { port } = await start(createServer((socket) => socket.resume()))
    expect(await measure(port)).toMatchObject({
      seen: true,
      value: {
        inbound: { state: 'unknown', why: 'the server sends nothing, not even in small packets' },
        outbound: { state: 'open' },
        firstMessage: { small: 'received', large: 'received', split: 'received' },
      },
    })
  })

  test('that looks only at the first packet answers the small message, and no other', async () => {
    const server = createServer((socket) =>
      socket.once('data', (data) => {
        if (data.length < 700) socket.write('an answer')
        socket.resume()
      }),
    )
    const { port } = await start(server)
    const measured = await measure(port)
    expect(measured).toMatchObject({
      value: { firstMessage: { small: 'answered', large: 'received', split: 'received' } },
    })
    const endpoint = endpointOf({}, { address: '127.0.0.1', port, measured })
    expect(faultsOf(largeClientHelloDropped, withMtu(endpoint))).toMatchObject([
      { title: expect.stringMatching(/^Large ClientHello not handled:/) },
    ])
  })

  test('that ignores some connections is not taken for one that ignores large messages', async () => {
    let answers = 0
    const server = createServer((socket) =>
      socket.once('data', (data) => {
        // The first small message, and of the repeated ones every other.
        if (data.length < 700 && answers++ % 2 === 0) socket.write('an answer')
        socket.resume()
      }),
    )
    const { port } = await start(server)
    const measured = await measure(port)
    expect(faultsOf(largeClientHelloDropped, withMtu(endpointOf({}, { port, measured })))).toEqual([])
  })

  test('that resets every connection has received the messages', async () => {
    const { port } = await start(
      createServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
    )
    expect(await measure(port)).toMatchObject({ seen: false, why: expect.stringContaining('closed') })
  })

  test('that cannot be reached has the reason', async () => {
    const { port, close } = await tlsServer()
    await close()
    expect(await measure(port)).toMatchObject({ seen: false, why: 'ECONNREFUSED', remedies: [] })
  })

  test('without ss or socat, it says what it needs', async () => {
    const { port } = await tlsServer()
    expect(await measure(port, 'https', { path: '/nonexistent' })).toEqual({
      seen: false,
      why: expect.stringMatching(/^(?:ss|socat) is not installed$/),
      remedies: ['tools'],
      applies: true,
    })
  })

  test('sends nothing more when the run is stopped', async () => {
    const stop = new AbortController()
    const sizes: number[] = []
    const server = createServer((socket) =>
      socket.on('data', (data) => {
        sizes.push(data.length)
        stop.abort(new Error('stopped'))
      }),
    )
    const { port } = await start(server)
    expect(await measure(port, 'https', { signal: stop.signal })).toMatchObject({ seen: false })
    expect(sizes.filter((size) => size > 1000)).toEqual([])
  })
})
