import { afterEach, describe, expect, test, vi } from 'vitest'
import type { FailureKind } from '../../../src/core/failure.ts'
import type { Observed } from '../../../src/core/observed.ts'
import { seen, unseen } from '../../../src/core/observed.ts'
import { failure } from '../../../src/observe/http/failures.ts'
import { type RetryableFailure, retryAfterMs, withRetries } from '../../../src/observe/http/retries.ts'
import { paperClock } from '../../support/paper-clock.ts'
import { whyOf } from '../kit.ts'

vi.mock('node:timers/promises', async (real) =>
  (await import('../../support/paper-clock.ts')).paperTimers(real),
)
afterEach(() => paperClock.reset())

const now = Date.parse('2030-01-01T00:00:00Z')

describe('Retry-After', () => {
  test.each([
    [undefined, undefined],
    ['0', 0],
    ['7', 7000],
    [' 7 ', 7000],
    ['Tue, 01 Jan 2030 00:00:05 GMT', 5000],
    ['Mon, 31 Dec 2029 23:59:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    ['99999999999999', undefined],
  ])('of %j is %j ms', (value, expected) => {
    expect(retryAfterMs(value, now)).toBe(expected)
  })
})

const quick = { random: () => -0.5 }

function failing(kind: FailureKind, more: { times?: number; retryAfterMs?: number; status?: number } = {}) {
  const { times = Number.POSITIVE_INFINITY, ...rest } = more
  let calls = 0
  const attempt = async (): Promise<Observed<string>> => {
    calls += 1
    const why: RetryableFailure = {
      ...failure(kind, 'registry.test', 'headers', `failure ${calls}`),
      ...rest,
    }
    return calls <= times ? unseen(why) : seen(`answer ${calls}`)
  }
  return { attempt, calls: () => calls }
}

const run = (attempt: () => Promise<Observed<string>>, signal = new AbortController().signal) => {
  const retried: string[] = []
  const options = { ...quick, signal, retried: (why: { detail: string }) => retried.push(why.detail) }
  return { retried, result: withRetries(attempt, options) }
}

describe('a request', () => {
  test.each<[FailureKind, number | undefined, number]>([
    ['storage-unreachable', undefined, 2],
    ['storage-unreachable', 500, 2],
    ['storage-unreachable', 503, 4],
    ['token-server-unreachable', undefined, 2],
    ['token-server-unreachable', 502, 4],
    ['proxy-failed', undefined, 1],
    ['proxy-failed', 407, 1],
    ['proxy-failed', 504, 4],
    ['access-denied', 503, 1],
  ])('that fails with %s and status %j gets %i attempts', async (kind, status, attempts) => {
    const { attempt, calls } = failing(kind, status === undefined ? {} : { status })
    await run(attempt).result
    expect(calls()).toBe(attempts)
  })

  test('that succeeds is not retried', async () => {
    const { attempt, calls } = failing('connection-cut', { times: 0 })
    const { result, retried } = run(attempt)
    expect(await result).toEqual({ seen: true, value: 'answer 1' })
    expect([calls(), retried]).toEqual([1, []])
  })

  test('is retried after a temporary failure, and each retry is reported', async () => {
    const { attempt } = failing('connection-cut', { times: 2 })
    const { result, retried } = run(attempt)
    expect(await result).toEqual({ seen: true, value: 'answer 3' })
    expect(retried).toEqual(['failure 1', 'failure 2'])
  })

  test.each<[FailureKind, number]>([
    ['connection-cut', 3],
    ['connection-refused', 2],
    ['registry-unavailable', 4],
    ['registry-error', 2],
    ['rate-limited', 4],
    ['bad-credentials', 1],
    ['access-denied', 1],
    ['tls-untrusted', 1],
    ['not-a-registry', 1],
    ['redirect-loop', 1],
    ['run-stopped', 1],
  ])('that fails with %s gets %i attempts in all', async (kind, tries) => {
    const { attempt, calls } = failing(kind)
    expect(whyOf(await run(attempt).result).detail).toBe(`failure ${tries}`)
    expect(calls()).toBe(tries)
  })

  test('waits as long as Retry-After asks for', async () => {
    const { attempt } = failing('rate-limited', { times: 1, retryAfterMs: 120 })
    await run(attempt).result
    expect(paperClock.waits).toEqual([120])
  })

  test('is not retried if Retry-After is longer than 30 s', async () => {
    const { attempt, calls } = failing('rate-limited', { retryAfterMs: 30_001 })
    const { result, retried } = run(attempt)
    expect(whyOf(await result).kind).toBe('rate-limited')
    expect([calls(), retried]).toEqual([1, []])
  })

  test('is not retried after the run ended', async () => {
    const { attempt, calls } = failing('connection-cut')
    await run(attempt, AbortSignal.abort()).result
    expect(calls()).toBe(1)
  })

  test('stops waiting when the run ends', async () => {
    const { attempt } = failing('rate-limited', { retryAfterMs: 20_000 })
    const stop = new AbortController()
    paperClock.meanwhile = () => {
      queueMicrotask(() => stop.abort())
      return new Promise(() => {})
    }
    expect((await run(attempt, stop.signal).result).seen).toBe(false)
    expect(paperClock.waits).toEqual([20_000])
  })

  test.each([
    [0, [125, 500, 2000]],
    [0.5, [250, 1000, 4000]],
    [1, [375, 1500, 6000]],
  ])('waits longer before each retry, give or take half: with %d', async (random, waits) => {
    const { attempt } = failing('registry-unavailable')
    const options = { signal: new AbortController().signal, retried: () => {}, random: () => random }
    await withRetries(attempt, options)
    expect(paperClock.waits).toEqual(waits)
  })
})
