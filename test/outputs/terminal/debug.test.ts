import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { checks } from '../../../src/checks/index.ts'
import { groupInfo } from '../../../src/core/groups.ts'
import type { RequestFact } from '../../../src/facts/path.ts'
import { debugLines } from '../../../src/outputs/terminal/debug.ts'
import { renderTerminal } from '../../../src/outputs/terminal/index.ts'
import { reportOf } from '../../report/reports.ts'
import { absent, type Given, withBlob } from '../../support/facts.ts'

const usual: RequestFact = {
  ...{ method: 'GET', url: 'https://r.test/v2/app/manifests/1', role: 'registry', at: 0, status: 200 },
  ...{ address: '192.0.2.10', http2: true, attempt: 0, phases: {} },
}
const { status: _status, address: _address, ...unanswered } = usual
const failure = { host: 'r.test', evidence: [], url: usual.url }

const debug: Given = { log_level: 'debug' }

/** The debug lines of a run with these requests. */
const linesOf = (log: RequestFact[], given = debug): string[] =>
  debugLines(reportOf((facts) => void facts.path.log.push(...log), { given })).map(stripVTControlCharacters)

/** The line of one request. */
const lineOf = (request: RequestFact): string => linesOf([request])[2] ?? ''

describe('a request is one line', () => {
  test.each<[string, RequestFact, string]>([
    [
      'on a new connection',
      { ...usual, phases: { dns: 3, connect: 12, tls: 20, headers: 40, body: 1 } },
      'GET https://r.test/v2/app/manifests/1 200 192.0.2.10 h2 dns 3 ms, connect 12 ms, tls 20 ms, headers 40 ms, body 1 ms',
    ],
    [
      'on an open connection',
      { ...usual, http2: false, phases: { headers: 40, body: 0 } },
      'GET https://r.test/v2/app/manifests/1 200 192.0.2.10 http/1.1 headers 40 ms, body 0 ms',
    ],
    [
      'that is a retry',
      { ...usual, attempt: 2, phases: { headers: 40 } },
      'GET https://r.test/v2/app/manifests/1 200 192.0.2.10 h2 headers 40 ms, retry 2',
    ],
    [
      'through a proxy',
      { ...unanswered, status: 206, proxy: 'proxy:3128', phases: { headers: 4 } },
      'GET https://r.test/v2/app/manifests/1 206 through proxy:3128 h2 headers 4 ms',
    ],
    [
      'without a connection',
      {
        ...unanswered,
        attempt: 1,
        failure: {
          ...failure,
          ...{ kind: 'connection-refused', phase: 'connect', ms: 7, addresses: ['192.0.2.10', '192.0.2.11'] },
          ...{ port: 443, detail: 'connection to 192.0.2.10:443 refused' },
        },
      },
      'GET https://r.test/v2/app/manifests/1 connection-refused in connect after 7 ms 192.0.2.10 192.0.2.11 retry 1 (connection to 192.0.2.10:443 refused)',
    ],
    [
      'without an address',
      {
        ...unanswered,
        failure: { ...failure, kind: 'name-not-resolved', phase: 'dns', detail: 'no such name' },
      },
      'GET https://r.test/v2/app/manifests/1 name-not-resolved in dns (no such name)',
    ],
    [
      'without a response in time',
      {
        ...{ ...unanswered, address: '192.0.2.10', phases: { headers: 30_001 } },
        failure: {
          ...failure,
          ...{ kind: 'answer-timeout', phase: 'headers', ms: 30_000, detail: 'no response within 30 s' },
        },
      },
      'GET https://r.test/v2/app/manifests/1 answer-timeout in headers 192.0.2.10 h2 headers 30001 ms (no response within 30 s)',
    ],
    [
      'whose body broke off',
      {
        ...{ ...usual, phases: { headers: 4, body: 2 } },
        failure: { ...failure, kind: 'connection-cut', phase: 'body', detail: 'connection reset' },
      },
      'GET https://r.test/v2/app/manifests/1 200 connection-cut in body 192.0.2.10 h2 headers 4 ms, body 2 ms (connection reset)',
    ],
    ['that was never answered', unanswered, 'GET https://r.test/v2/app/manifests/1 no response'],
  ])('%s', (_sentence, request, line) => {
    expect(lineOf(request)).toBe(line)
  })

  test('whatever its URL and its failure hold', () => {
    const line = lineOf({
      ...unanswered,
      url: 'https://r.test/\n::error::x\u001b[2J',
      failure: {
        ...failure,
        kind: 'tls-failed',
        phase: 'tls',
        detail: 'a\nb\u202e',
        addresses: ['\u001b[31m'],
      },
    })
    for (const unsafe of ['\n', '\u001b', '\u202e']) expect(line).not.toContain(unsafe)
  })
})

test('requests come first, in the order they were sent, then every check by group', () => {
  const lines = linesOf([usual, { ...usual, method: 'HEAD' }])
  expect(lines.slice(0, 4).map((line) => line.split(' ')[0])).toEqual(['requests', '--------', 'GET', 'HEAD'])
  const rest = lines.slice(4)
  for (const group of ['image', 'registry', 'path'] as const) {
    const at = rest.indexOf(groupInfo[group].label)
    expect(rest.slice(at - 1, at + 2)).toEqual(['', groupInfo[group].label, '-'.repeat(group.length)])
    const own = checks.filter((check) => check.group === group).map(({ id }) => id)
    expect(rest.slice(at + 2, at + 2 + own.length).map((line) => /^\S ([\w-]+):/.exec(line)?.[1])).toEqual(
      own,
    )
  }
  expect(rest).not.toContain('runner')
})

describe('a check is one line', () => {
  const lines = debugLines(reportOf(withBlob('amd64 layer', absent()), { given: debug })).map(
    stripVTControlCharacters,
  )

  test.each([
    ['that passed', '✓ tag-missing: every tag exists'],
    ['with a finding', '✗ layer-missing: every layer exists: 1 finding'],
    ['that is off', '- referrer-missing: every listed referrer exists: only with `referrers: true`'],
  ])('%s', (_sentence, line) => {
    expect(lines).toContain(line)
  })
})

test('requests are reported with log_level: debug alone', () => {
  expect(linesOf([usual], {})).not.toContain('requests')
  for (const given of [debug, { debug: 'true' }]) expect(linesOf([usual], given)).toContain('requests')
})

test('the debug lines stand before the report', () => {
  const kinds = renderTerminal(reportOf(() => {}, { given: debug })).map(({ kind }) => kind)
  expect(kinds.lastIndexOf('debug')).toBe(kinds.filter((kind) => kind === 'debug').length - 1)
  expect(kinds[0]).toBe('debug')
})
