import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { sendDatagrams } from '../../../../src/observe/runner/ports/datagram.ts'
import { until } from '../../../support/until.ts'

let open: ReturnType<typeof createSocket> | undefined
afterEach(() => open?.close())

/** A bound UDP port on loopback, and how many datagrams it received. */
async function bind(host: '127.0.0.1' | '::1'): Promise<{ port: number; received: () => number }> {
  open = createSocket(host === '::1' ? 'udp6' : 'udp4')
  let received = 0
  open.on('message', () => {
    received += 1
  })
  open.bind(0, host)
  await once(open, 'listening')
  return { port: open.address().port, received: () => received }
}

test.each(['127.0.0.1', '::1'] as const)(
  'a closed port on %s refuses, which counts as an answer',
  async (host) => {
    const { port } = await bind(host)
    open?.close()
    open = undefined
    let answers = 0
    const until = { signal: new AbortController().signal, onAnswer: () => (answers += 1) }
    expect(await sendDatagrams(host, port, until)).toBe('refused')
    expect(answers).toBe(1)
  },
)

test('datagrams are repeated until the signal', async () => {
  const { port, received } = await bind('127.0.0.1')
  const stop = new AbortController()
  const until = { signal: stop.signal, onAnswer: () => expect.unreachable() }
  const sent = sendDatagrams('127.0.0.1', port, until)
  const timer = setInterval(() => received() >= 2 && stop.abort(), 10)
  expect(await sent).toBe('silent')
  clearInterval(timer)
  expect(received()).toBe(2)
})

test('at most four are sent', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const { port, received } = await bind('127.0.0.1')
  const stop = new AbortController()
  const sent = sendDatagrams('127.0.0.1', port, { signal: stop.signal, onAnswer: () => expect.unreachable() })
  for (const count of [1, 2, 3, 4]) {
    await until('one more', () => received() === count)
    vi.advanceTimersByTime(250)
  }
  vi.advanceTimersByTime(1000)
  // What would be a fifth is on its way before this one.
  const last = createSocket('udp4')
  last.send('x', port, '127.0.0.1', () => last.close())
  await until('the last one', () => received() >= 5)
  stop.abort()
  expect(await sent).toBe('silent')
  expect(received()).toBe(5)
})

test('a stopped run sends nothing', async () => {
  const { port, received } = await bind('127.0.0.1')
  const until = { signal: AbortSignal.abort(), onAnswer: () => {} }
  expect(await sendDatagrams('127.0.0.1', port, until)).toBe('silent')
  expect(received()).toBe(0)
})
