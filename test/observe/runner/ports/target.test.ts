import { expect, test } from 'vitest'
import { observeTarget } from '../../../../src/observe/runner/ports/target.ts'
import { type FakeHost, fakeProbes } from '../../../support/fake-probes.ts'

const address = '172.17.0.1'
const minute = 60_000

const hour = 60 * minute

/** Dials ports 22 and 6443 of a host, with a window of 20 ms and a limit of an hour. */
async function observe(host: FakeHost, { windowMs = 20, limitMs = hour, datagramsAfterMs = hour } = {}) {
  const { probes, probed } = fakeProbes({ [address]: host })
  const ports = [
    { port: 22, speaksFirst: true },
    { port: 6443, speaksFirst: false },
  ]
  const { signal } = new AbortController()
  const limits = { canaries: [9, 25_000], windowMs, limitMs, bannerMs: 30, datagramsAfterMs, signal }
  const target = await observeTarget({ address, name: 'gateway', ports }, probes, limits)
  return { target, probed, results: [...target.ports, ...target.canaries].map(({ result }) => result) }
}

test('a healthy host is probed only with TCP and ping', async () => {
  const { target, probed } = await observe({ ports: { 22: 'greets', 6443: 'open' } })
  expect(probed).toEqual([22, 6443, 9, 25_000].map((port) => `${address}:${port}`))
  expect(target).toEqual({
    address,
    name: 'gateway',
    ping: 'answered',
    pingMs: 0.1,
    ports: [
      { port: 22, result: 'open', ms: 1, banner: 'came', bannerMs: 1 },
      { port: 6443, result: 'open', ms: 1 },
    ],
    canaries: [9, 25_000].map((port) => ({ port, result: 'refused', ms: 1, code: 'ECONNREFUSED' })),
  })
})

test('ping is not awaited once every port has answered', async () => {
  const host: FakeHost = { ports: { 22: 'greets' }, ping: 'silent' }
  const { target } = await observe(host, { windowMs: hour })
  expect(target.ping).toBe('silent')
})

test('with a ping reply, silence is certain when the window ends', async () => {
  expect((await observe({ others: 'silent' })).results).toEqual(Array(4).fill('timeout'))
})

test('with one TCP answer, silence is certain when the window ends', async () => {
  const { results } = await observe({ ports: { 22: 'silent' }, ping: 'silent' })
  expect(results).toEqual(['timeout', 'refused', 'refused', 'refused'])
})

test('an answer after the window makes the remaining silence certain', async () => {
  const { results, target } = await observe({ others: 'silent', pingAfterMs: 80 })
  expect(target.ping).toBe('answered')
  expect(results).toEqual(Array(4).fill('timeout'))
})

test('without any answer, dials wait for the limit, as a dead neighbour shows late', async () => {
  const others = { code: 'EHOSTUNREACH', afterMs: 120 }
  const { results, target } = await observe({ others, ping: 'unreachable', pingAfterMs: 125 })
  expect(results).toEqual(Array(4).fill('unreachable'))
  expect(target.ping).toBe('unreachable')
})

test('a host that never answers is silent when the limit ends', async () => {
  const { results, target } = await observe({ others: 'silent', ping: 'silent' }, { limitMs: 60 })
  expect(results).toEqual(Array(4).fill('timeout'))
  expect(target.ping).toBe('silent')
})

test('a slow port may still answer until the window ends', async () => {
  const { results } = await observe({ ports: { 22: { opensAfterMs: 30 } } }, { windowMs: 200 })
  expect(results).toEqual(['open', 'refused', 'refused', 'refused'])
})

test('datagrams are sent where TCP is silent', async () => {
  const host: FakeHost = { others: 'silent', datagram: 'refused' }
  const { target, probed } = await observe(host, { datagramsAfterMs: 5 })
  expect(probed).toContain(`${address} datagrams`)
  expect(target.datagram).toBe('refused')
})

test('a refused datagram counts as an answer of the host', async () => {
  const host: FakeHost = { others: 'silent', ping: 'silent', datagram: 'refused' }
  const { results } = await observe(host, { datagramsAfterMs: 5 })
  expect(results).toEqual(Array(4).fill('timeout'))
})

test('unanswered datagrams end with the silence', async () => {
  const { target } = await observe({ others: 'silent' }, { datagramsAfterMs: 5 })
  expect(target.datagram).toBe('silent')
})

test('unanswered datagrams end when every dial has ended', async () => {
  const others = { code: 'EHOSTUNREACH', afterMs: 20 }
  const { target, results } = await observe({ others }, { windowMs: hour, datagramsAfterMs: 5 })
  expect(results).toEqual(Array(4).fill('unreachable'))
  expect(target).toMatchObject({ ping: 'answered', datagram: 'silent' })
})

test('no datagrams for a service that only sends no banner', async () => {
  const { target, probed } = await observe({ ports: { 22: 'mute' } }, { datagramsAfterMs: 5 })
  expect(target.ports[0]?.banner).toBe('silent')
  expect(probed).not.toContain(`${address} datagrams`)
  expect(target).not.toHaveProperty('datagram')
})
