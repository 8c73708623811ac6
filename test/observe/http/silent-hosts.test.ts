import { describe, expect, test } from 'vitest'
import type { FailureKind } from '../../../src/core/failure.ts'
import { failure } from '../../../src/observe/http/failures.ts'
import { createSilentHosts } from '../../../src/observe/http/silent-hosts.ts'

const host = 'blobs.test'
const silence = (kind: FailureKind = 'connection-timeout') =>
  failure(kind, host, 'connect', 'timed out after 10 s')

/** A table with a clock that the test sets. */
function table() {
  let now = 0
  const hosts = createSilentHosts(() => now)
  return {
    verdict: () => hosts.verdict(host),
    at: (ms: number) => {
      now = ms
      return hosts
    },
  }
}

describe('a host that lets requests wait', () => {
  test('is given up after a second round of requests that failed like the first', () => {
    const { at, verdict } = table()
    at(10_000).failed(0, silence())
    expect(verdict()).toBeUndefined()
    at(20_250).failed(10_250, silence())
    expect(verdict()).toEqual(silence())
  })

  test('is asked again where its requests failed together: they are one round', () => {
    const { at, verdict } = table()
    for (const sentAt of [0, 5, 10, 15]) at(10_000 + sentAt).failed(sentAt, silence())
    expect(verdict()).toBeUndefined()
  })

  test('is asked again once it answered, in the meantime or afterwards', () => {
    const { at, verdict } = table()
    at(5_000).answered(host)
    at(10_000).failed(0, silence())
    at(20_000).failed(10_000, silence())
    expect(verdict()).toBeUndefined()
    at(21_000).answered(host)
    at(32_000).failed(22_000, silence())
    expect(verdict()).toBeUndefined()
  })

  test('does not decide for other hosts', () => {
    const { at } = table()
    at(10_000).failed(0, silence())
    at(20_000).failed(10_000, silence())
    expect(at(20_000).verdict('registry.test')).toBeUndefined()
  })

  test.each(['connection-refused', 'connection-cut', 'tls-untrusted', 'run-stopped'] as const)(
    'is not given up for %s, which takes no time',
    (kind) => {
      const { at, verdict } = table()
      for (const sentAt of [0, 10, 20, 30]) at(sentAt + 1).failed(sentAt, silence(kind))
      expect(verdict()).toBeUndefined()
    },
  )
})
