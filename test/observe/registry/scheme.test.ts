import { describe, expect, test } from 'vitest'
import type { FailureKind, Phase } from '../../../src/core/failure.ts'
import { unseen } from '../../../src/core/observed.ts'
import { failure } from '../../../src/observe/http/failures.ts'
import type { Response } from '../../../src/observe/http/response.ts'
import { detectScheme, schemeFor } from '../../../src/observe/registry/scheme.ts'

const host = 'registry.test'
const isProxied = () => false
const answer = (status = 401) => ({
  seen: true as const,
  value: { status, discard: () => {} } as unknown as Response,
})
const fails = (kind: FailureKind, phase: Phase = 'connect') =>
  unseen<Response>(failure(kind, host, phase, kind))

/** Runs requests against a registry that gives these answers by scheme; returns the schemes asked, and the last answer. */
async function ask(
  place: Parameters<typeof detectScheme>[1],
  answers: {
    https: ReturnType<typeof fails> | ReturnType<typeof answer>
    http: ReturnType<typeof fails> | ReturnType<typeof answer>
  },
  requests = 1,
) {
  const base = new URL(`${schemeFor(place)}://${place.host}/`)
  const asked: string[] = []
  const send = detectScheme(base, place)
  const results = await Promise.all(
    Array.from({ length: requests }, () =>
      send(async () => {
        asked.push(base.href)
        await new Promise((done) => setImmediate(done))
        return base.protocol === 'https:' ? answers.https : answers.http
      }),
    ),
  )
  return { asked, last: results.at(-1), base: base.href }
}

describe('with insecure', () => {
  const place = { host, insecure: true, isProxied }

  test('a registry that speaks TLS is never asked in plain HTTP', async () => {
    const { asked } = await ask(place, { https: answer(), http: answer() }, 3)
    expect(new Set(asked)).toEqual(new Set(['https://registry.test/']))
  })

  test.each<[FailureKind, Phase]>([
    ['tls-untrusted', 'tls'],
    ['tls-expired', 'tls'],
    ['tls-name-mismatch', 'tls'],
    ['tls-failed', 'tls'],
    ['tls-client-certificate', 'tls'],
    ['answer-timeout', 'headers'],
    ['connection-cut', 'headers'],
  ])('%s in phase %s leads to no request in plain HTTP', async (kind, phase) => {
    const { asked, last } = await ask(place, { https: fails(kind, phase), http: answer() })
    expect(asked).toEqual(['https://registry.test/'])
    expect(last).toMatchObject({ seen: false, why: { kind } })
  })

  test.each<[FailureKind, Phase]>([
    ['tls-plain-http', 'tls'],
    ['connection-refused', 'connect'],
    ['connection-timeout', 'connect'],
    ['connection-cut', 'tls'],
    ['name-not-resolved', 'dns'],
    ['proxy-failed', 'connect'],
  ])('%s in phase %s leads to plain HTTP, for all requests', async (kind, phase) => {
    const { asked, base } = await ask(place, { https: fails(kind, phase), http: answer() }, 3)
    expect(asked).toEqual(['https://registry.test/', ...Array(3).fill('http://registry.test/')])
    expect(base).toBe('http://registry.test/')
  })

  test('a port that refuses connections is not tried twice', async () => {
    const { asked } = await ask(
      { host: 'registry.test:5000', insecure: true, isProxied },
      { https: fails('connection-refused'), http: fails('connection-refused') },
    )
    expect(asked).toEqual(['https://registry.test:5000/'])
  })

  test('a port that TLS does not reach is asked in plain HTTP through its proxy', async () => {
    const { asked } = await ask(
      { host: 'registry.test:5000', insecure: true, isProxied: ({ protocol }) => protocol === 'http:' },
      { https: fails('name-not-resolved', 'dns'), http: answer() },
    )
    expect(asked).toEqual(['https://registry.test:5000/', 'http://registry.test:5000/'])
  })

  test.each(['registry.test:443', 'registry.test:80'])('the port of %s is kept', async (named) => {
    const { asked } = await ask(
      { host: named, insecure: true, isProxied },
      { https: fails('tls-plain-http', 'tls'), http: answer() },
    )
    expect(asked.map((url) => new URL(url).port || (url.startsWith('https') ? '443' : '80'))).toEqual(
      Array(2).fill(named.split(':')[1]),
    )
  })

  test('where neither answers, the failure of TLS is reported with that of plain HTTP, and the next request tries both', async () => {
    const answers = { https: fails('connection-refused'), http: fails('connection-timeout') }
    const { asked, last } = await ask(place, answers, 2)
    expect(last).toMatchObject({
      seen: false,
      why: { kind: 'connection-refused', evidence: ['in plain HTTP: connection-timeout'] },
    })
    expect(asked).toHaveLength(4)
  })
})

describe('without insecure', () => {
  test('a registry elsewhere is asked only in TLS', async () => {
    const { asked } = await ask(
      { host, insecure: false, isProxied },
      { https: fails('tls-plain-http', 'tls'), http: answer() },
    )
    expect(asked).toEqual(['https://registry.test/'])
  })

  test('a port of this machine is asked in plain HTTP, and in TLS if it answers like a TLS server', async () => {
    const place = { host: 'localhost:5000', insecure: false, isProxied }
    expect((await ask(place, { https: answer(), http: answer() })).asked).toEqual(['http://localhost:5000/'])
    expect((await ask(place, { https: answer(), http: answer(400) })).base).toBe('https://localhost:5000/')
    expect((await ask(place, { https: answer(), http: fails('connection-cut') })).base).toBe(
      'https://localhost:5000/',
    )
  })

  test('this machine without a port is asked in TLS first', async () => {
    const { asked } = await ask(
      { host: 'localhost', insecure: false, isProxied },
      { https: fails('connection-refused'), http: answer() },
    )
    expect(asked).toEqual(['https://localhost/', 'http://localhost/'])
  })
})
