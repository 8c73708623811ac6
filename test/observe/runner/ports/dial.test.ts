import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { dial } from '../../../../src/observe/runner/ports/dial.ts'

let server: Server | undefined
afterEach(() => server?.close())

/** A port on loopback that serves each connection like this. */
async function listen(serve: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> {
  server = createServer((socket) => {
    socket.on('error', () => {})
    serve(socket)
  }).listen(0, host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const never = new AbortController().signal
const limits = { limitMs: 4000, bannerMs: 0, silence: never, signal: never, onAnswer: () => {} }

test('an open port, without waiting for a banner', async () => {
  let answers = 0
  const port = await listen((socket) => socket.destroy())
  const outcome = await dial('127.0.0.1', port, { ...limits, onAnswer: () => (answers += 1) })
  expect(outcome).toEqual({ port, result: 'open', ms: expect.any(Number) })
  expect(answers).toBe(1)
})

test('a closed port refuses, which counts as an answer', async () => {
  let answers = 0
  const port = await listen(() => {})
  server?.close()
  const outcome = await dial('127.0.0.1', port, { ...limits, onAnswer: () => (answers += 1) })
  expect(outcome).toEqual({ port, result: 'refused', ms: expect.any(Number), code: 'ECONNREFUSED' })
  expect(answers).toBe(1)
})

test.each([
  ['came', (socket: Socket) => socket.write('SSH-2.0-test\r\n')],
  ['closed', (socket: Socket) => socket.end()],
  ['closed', (socket: Socket) => socket.resetAndDestroy()],
  ['silent', () => {}],
] as const)('a banner: %s', async (banner, serve) => {
  const port = await listen(serve)
  const outcome = await dial('127.0.0.1', port, { ...limits, bannerMs: banner === 'silent' ? 40 : 4000 })
  expect(outcome).toMatchObject({ port, result: 'open', banner, bannerMs: expect.any(Number) })
})

test('IPv6', async () => {
  const port = await listen((socket) => socket.end('220 ready\r\n'), '::1')
  expect(await dial('::1', port, { ...limits, bannerMs: 4000 })).toMatchObject({
    result: 'open',
    banner: 'came',
  })
})

test('a blocked event loop is not taken for silence', async () => {
  const port = await listen((socket) => socket.end('SSH-2.0-test\r\n'))
  const outcome = dial('127.0.0.1', port, { ...limits, limitMs: 5 })
  const until = Date.now() + 60
  while (Date.now() < until);
  expect(await outcome).toMatchObject({ result: 'open' })
})

test('the silence signal does not end the wait for a banner', async () => {
  const port = await listen(() => {})
  const silence = new AbortController()
  setTimeout(() => silence.abort(), 20)
  const outcome = await dial('127.0.0.1', port, { ...limits, silence: silence.signal, bannerMs: 60 })
  expect(outcome).toMatchObject({ result: 'open', banner: 'silent' })
})

test('a stopped run ends at once', async () => {
  const port = await listen(() => {})
  const stop = new AbortController()
  const outcome = dial('127.0.0.1', port, { ...limits, bannerMs: 60_000, signal: stop.signal })
  setTimeout(() => stop.abort(), 20)
  expect(await outcome).toMatchObject({ result: 'open' })
  const ended = await dial('127.0.0.1', port, { ...limits, signal: stop.signal })
  expect(ended).toMatchObject({ result: 'timeout' })
})
