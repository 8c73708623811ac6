import { connect, createServer, type Server } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { messageFor } from '../../../../src/observe/path/mtu/first-message.ts'
import { type Authority, createAuthority } from '../../../support/certs.ts'
import { suiteNeeds } from '../../../support/need.ts'
import { useServers } from '../../kit.ts'

/** The first record of a TLS connection: a handshake of TLS 1.x with its length. */
const isWholeRecord = (bytes: Buffer) => bytes[0] === 22 && bytes.readUInt16BE(3) === bytes.length - 5

/** What a server sends back: the type of the first record, by its number in TLS. */
const firstRecord = (port: number, message: Buffer): Promise<string> =>
  new Promise((done, fail) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(message))
    socket.once('error', fail)
    socket.once('data', (data) => {
      socket.destroy()
      done({ 21: 'alert', 22: 'handshake' }[data[0] ?? 0] ?? 'not TLS')
    })
  })

describe('the first message', () => {
  test('of TLS has the server name, and fits a packet or needs two', async () => {
    const { small, large } = await messageFor(new URL('https://registry.example.com/'))
    expect(small.length).toBeLessThan(520)
    expect(large.length).toBeGreaterThan(1448)
    for (const hello of [small, large]) {
      expect(isWholeRecord(hello)).toBe(true)
      expect(hello.includes('registry.example.com')).toBe(true)
    }
  })

  test.each(['192.0.2.7', '[2001:db8::7]'])('has no server name for the address %s', async (hostname) => {
    const { small } = await messageFor(new URL(`https://${hostname}/`))
    expect(small.includes(hostname)).toBe(false)
  })

  test.each(['http', 'https'] as const)(
    'of %s has exactly the length that is asked for',
    async (protocol) => {
      const message = await messageFor(new URL(`${protocol}://registry.example.com/v2/`))
      for (const length of [700, 901, 902, 903, 1228, 1348, 1349, 1448, 8000]) {
        expect((await message.ofLength(length)).length).toBe(length)
      }
    },
  )
})

suiteNeeds(['openssl'])('a server', () => {
  const start = useServers()
  let authority: Authority
  beforeAll(async () => {
    authority = await createAuthority()
  })
  afterAll(() => authority.remove())

  test('takes the small, the large and a filled up ClientHello', async () => {
    const { key, cert } = await authority.issue()
    const { port } = await start(createTlsServer({ key, cert, ALPNProtocols: ['http/1.1'] }) as Server)
    const { small, large, ofLength } = await messageFor(new URL('https://localhost/'))
    for (const hello of [small, large, await ofLength(1400)]) {
      expect(await firstRecord(port, hello)).toBe('handshake')
    }
  })

  test('that does not speak TLS is sent a request', async () => {
    const requests: string[] = []
    const server = createServer((socket) =>
      socket.once('data', (data) => {
        requests.push(data.toString())
        socket.end('x')
      }),
    )
    const { port } = await start(server)
    const { small } = await messageFor(new URL('http://localhost:5000/v2/app/blobs/x?secret=1'))
    await firstRecord(port, small)
    expect(requests).toEqual([
      expect.stringMatching(
        /^GET \/v2\/app\/blobs\/x HTTP\/1\.1\r\nHost: localhost:5000\r\n[\s\S]*\r\n\r\n$/,
      ),
    ])
  })
})
