import { expect, test } from 'vitest'
import check from '../../../src/checks/path/resolver-failing.ts'
import type { LookupState } from '../../../src/facts/path/names.ts'
import { faultsOf, type Quiet, registry } from '../../support/facts.ts'
import { answerOf, nameOf, type Said, withNames } from '../../support/name-facts.ts'

const server = '10.0.0.53'
const other = '9.9.9.9'

const said = (one: Said, more: Parameters<typeof nameOf>[2] = {}) =>
  withNames([
    nameOf('other.example.com', { [server]: ['10.0.0.9'] }),
    nameOf(registry, { [server]: one }, more),
  ])

test.each<[LookupState, string, string]>([
  ['server-failed', 'SERVFAIL', `dig +cd @${server} ${registry}`],
  ['refused', 'REFUSED', 'access-control'],
  ['silent', 'though it answers other queries', 'firewall'],
  ['garbage', 'not a DNS response', 'port 53'],
  ['truncated', 'no complete one over TCP', 'TCP port 53'],
  ['cname-loop', 'CNAME loop', 'CNAME records'],
])('%s has its own message and advice, and is an error where the lookup fails', (state, message, advice) => {
  expect(faultsOf(check, said(state))).toMatchObject([
    {
      subject: server,
      severity: 'error',
      message: expect.stringMatching(new RegExp(`^${registry}: .*${message}`)),
      advice: expect.stringContaining(advice),
      cause: `${server} ${state}`,
    },
  ])
})

test('it is a warning where another server gave an address', () => {
  const libc = { state: 'found' as const, addresses: ['203.0.113.7'], ms: 1 }
  const name = nameOf(registry, { [server]: 'server-failed', [other]: ['203.0.113.7'] }, { libc })
  expect(faultsOf(check, withNames([name]))).toMatchObject([{ subject: server, severity: 'warning' }])
})

test.each<[LookupState, string]>([
  ['server-failed', 'SERVFAIL for AAAA alone'],
  ['refused', 'REFUSED for AAAA alone'],
  ['no-such-name', 'NXDOMAIN for AAAA'],
  ['silent', 'no answer to AAAA alone'],
])('%s for IPv6 alone is a warning of its own', (ipv6, message) => {
  const libc = { state: 'found' as const, addresses: ['10.0.0.5'], ms: 5000 }
  expect(faultsOf(check, said({ ipv4: ['10.0.0.5'], ipv6 }, { libc }))).toMatchObject([
    {
      severity: 'warning',
      message: expect.stringContaining(message),
      advice: expect.stringContaining('empty NOERROR'),
    },
  ])
})

test.each<Quiet>([
  ['addresses have no finding', said(['10.0.0.5'])],
  ['no IPv6 address has no finding', said({ ipv4: ['10.0.0.5'], ipv6: 'no-data' })],
  ['a name that does not exist has no finding', said('no-such-name')],
  [
    'silence that libc did not wait for has no finding',
    said(
      { ipv4: ['10.0.0.5'], ipv6: 'silent' },
      { libc: { state: 'found', addresses: ['10.0.0.5'], ms: 1999 } },
    ),
  ],
  ['a name in the hosts file needs no server', said('server-failed', { pins: ['10.0.0.5'] })],
  ['a dead server is left to resolver-dead', withNames([nameOf(registry, { [server]: 'silent' })])],
  [
    'a server after the one that answers is not asked',
    withNames([nameOf(registry, { [server]: ['10.0.0.5'], [other]: 'server-failed' })]),
  ],
  ['a run that asked for no name has no finding', () => {}],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

test('a name that libc finds with a search domain does not depend on the answers for the name alone', () => {
  const libc = { state: 'found' as const, addresses: ['10.96.0.5'], ms: 1 }
  const searched = [{ ...answerOf(server, ['10.96.0.5']), name: `${registry}.svc.cluster.local` }]
  expect(faultsOf(check, said('refused', { libc, searched }))).toEqual([])
})
