import { expect, test } from 'vitest'
import { observeTarget } from '../../../../src/observe/runner/ports/target.ts'
import { type FakeHost, fakeProbes } from '../../../support/fake-probes.ts'

const address = '172.17.0.1'
const minute = 60_000

/** What is seen of a host whose ports 22 and 6443 are dialled, with a window of 20 ms and a limit of an hour. */
async function seen(host: FakeHost, { limitMs = 60 * minute, signal = new AbortController().signal } = {}) {
  const { probes, asked } = fakeProbes({ [address]: host })
  const ports = [
    { port: 22, speaksFirst: true },
    { port: 6443, speaksFirst: false },
  ]
  const limits = { canaries: [9, 25_000], windowMs: 20, limitMs, bannerMs: 10, signal }
  const target = await observeTarget({ address, name: 'gateway', ports }, probes, limits)
  return { target, asked, results: [...target.ports, ...target.canaries].map(({ result }) => result) }
}

test('a healthy host is asked by TCP and ping only', async () => {
  const { target, asked } = await seen({ ports: { 22: 'greets', 6443: 'open' } })
  expect(asked).toEqual([22, 6443, 9, 25_000].map((port) => `${address}:${port}`))
  expect(target).toEqual({
    address,
    name: 'gateway',
    ping: 'answered',
    pingMs: 0.1,
    ports: [
      { port: 22, result: 'open', ms: 1, banner: 'came', bannerMs: 10 },
      { port: 6443, result: 'open', ms: 1 },
    ],
    canaries: [9, 25_000].map((port) => ({ port, result: 'refused', ms: 1, code: 'ECONNREFUSED' })),
  })
})

test('ping is not waited for where TCP answered everything', async () => {
  const { target } = await seen({ ports: { 22: 'greets', 6443: 'open' }, ping: 'silent' })
  expect(target.ping).toBe('silent')
})

test('silence beside a ping that answers is certain when the window ends', async () => {
  expect((await seen({ others: 'silent' })).results).toEqual(Array(4).fill('timeout'))
})

test('silence beside one answer of TCP is certain when the window ends', async () => {
  const { results } = await seen({ ports: { 22: 'silent' }, ping: 'silent' })
  expect(results).toEqual(['timeout', 'refused', 'refused', 'refused'])
})

test('an answer after the window ends what is still silent', async () => {
  const { results, target } = await seen({ others: 'silent', pingAfterMs: 80 })
  expect(target.ping).toBe('answered')
  expect(results).toEqual(Array(4).fill('timeout'))
})

test('without any sign of life the limit is waited for, as a dead neighbour shows late', async () => {
  const others = { code: 'EHOSTUNREACH', afterMs: 120 }
  const { results, target } = await seen({ others, ping: 'unreachable', pingAfterMs: 125 })
  expect(results).toEqual(Array(4).fill('unreachable'))
  expect(target.ping).toBe('unreachable')
})

test('a host that never answers is silent when the limit ends', async () => {
  const { results, target } = await seen({ others: 'silent', ping: 'silent' }, { limitMs: 60 })
  expect(results).toEqual(Array(4).fill('timeout'))
  expect(target.ping).toBe('silent')
})
