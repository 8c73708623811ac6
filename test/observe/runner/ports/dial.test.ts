import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { dial } from '../../../../src/observe/runner/ports/dial.ts'

let server: Server | undefined
afterEach(() => server?.close())

/** A port of loopback on which each connection is treated so. */
async function listen(serve: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> {
  server = createServer((socket) => {
    socket.on('error', () => {})
    serve(socket)
  }).listen(0, host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const never = new AbortController().signal
const limits = { limitMs: 4000, bannerMs: 0, silence: never, signal: never, answered: () => {} }

test('an open port, without a wait for what it says', async () => {
  let faultsOf = 0
  const port = await listen((socket) => socket.destroy())
  const found = await dial('127.0.0.1', port, { ...limits, answered: () => (faultsOf += 1) })
  expect(found).toEqual({ port, result: 'open', ms: expect.any(Number) })
  expect(faultsOf).toBe(1)
})

test('a closed port refuses, and that is an answer', async () => {
  let faultsOf = 0
  const port = await listen(() => {})
  server?.close()
  const found = await dial('127.0.0.1', port, { ...limits, answered: () => (faultsOf += 1) })
  expect(found).toEqual({ port, result: 'refused', ms: expect.any(Number), code: 'ECONNREFUSED' })
  expect(faultsOf).toBe(1)
})

test.each([
  ['came', (socket: Socket) => socket.write('SSH-2.0-test\r\n')],
  ['closed', (socket: Socket) => socket.end()],
  ['closed', (socket: Socket) => socket.resetAndDestroy()],
  ['silent', () => {}],
] as const)('a greeting that %s', async (banner, serve) => {
  const port = await listen(serve)
  const found = await dial('127.0.0.1', port, { ...limits, bannerMs: banner === 'silent' ? 40 : 4000 })
  expect(found).toMatchObject({ port, result: 'open', banner, bannerMs: expect.any(Number) })
})

test('IPv6', async () => {
  const port = await listen((socket) => socket.end('220 ready\r\n'), '::1')
  expect(await dial('::1', port, { ...limits, bannerMs: 4000 })).toMatchObject({
    result: 'open',
    banner: 'came',
  })
})

test('a busy process does not take its own delay for silence', async () => {
  const port = await listen((socket) => socket.end('SSH-2.0-test\r\n'))
  const found = dial('127.0.0.1', port, { ...limits, limitMs: 5 })
  const until = Date.now() + 60
  while (Date.now() < until);
  expect(await found).toMatchObject({ result: 'open' })
})

test('the end of the wait for answers is none for a greeting', async () => {
  const port = await listen(() => {})
  const silence = new AbortController()
  setTimeout(() => silence.abort(), 20)
  const found = await dial('127.0.0.1', port, { ...limits, silence: silence.signal, bannerMs: 60 })
  expect(found).toMatchObject({ result: 'open', banner: 'silent' })
})

test('a stopped run ends at once', async () => {
  const port = await listen(() => {})
  const stop = new AbortController()
  const found = dial('127.0.0.1', port, { ...limits, bannerMs: 60_000, signal: stop.signal })
  setTimeout(() => stop.abort(), 20)
  expect(await found).toMatchObject({ result: 'open' })
  const ended = await dial('127.0.0.1', port, { ...limits, signal: stop.signal })
  expect(ended).toMatchObject({ result: 'timeout' })
})
