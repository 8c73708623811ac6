import { describe, expect, test } from 'vitest'
import check from '../../../src/checks/path/address-dead.ts'
import type { Failure } from '../../../src/core/failure.ts'
import type { HostAddresses } from '../../../src/facts/path/addresses.ts'
import { faultsOf } from '../../support/facts.ts'

const host = 'registry.example.com'

const silent = (address: string): Failure => ({
  kind: 'connection-timeout',
  host,
  phase: 'connect',
  detail: `connection to ${address}:443 timed out after 4 s`,
  evidence: [],
})

const faults = (used: string, others: HostAddresses['others']) =>
  faultsOf(check, (facts) => {
    facts.path.addresses = [{ host, port: 443, used, others }]
  })

const becauseOf = (...args: Parameters<typeof faults>) => faults(...args).map(({ because }) => because)

describe('an address of a name that others use', () => {
  test('that answers is no fault', () => {
    expect(faults('192.0.2.1', [{ address: '192.0.2.2', ms: 1 }])).toEqual([])
    expect(faultsOf(check)).toEqual([])
  })

  test('that does not is named with the limit, and the one that the run used', () => {
    expect(
      faults('192.0.2.1', [{ address: '192.0.2.2', ms: 4000, failure: silent('192.0.2.2') }]),
    ).toMatchObject([
      {
        subject: host,
        severity: 'warning',
        message: 'connection to 192.0.2.2:443 timed out after 4 s; 192.0.2.1 answers',
        cause: `${host} IPv4`,
      },
    ])
  })

  test('costs clients a share of their limit for each address of its IP version', () => {
    const dead = { address: '192.0.2.2', ms: 4000, failure: silent('192.0.2.2') }
    expect(becauseOf('192.0.2.1', [dead])[0]).toContain('lose 15 s')
    expect(becauseOf('192.0.2.1', [dead, { address: '192.0.2.3', ms: 1 }])[0]).toContain('lose 10 s')
  })

  test('costs clients 300 ms where the other IP version works', () => {
    const dead = { address: '2001:db8::2', ms: 4000, failure: silent('[2001:db8::2]') }
    expect(becauseOf('192.0.2.1', [dead])[0]).toContain('after 300 ms')
    expect(becauseOf('2001:db8::1', [dead])[0]).toContain('lose 15 s')
  })

  test('costs 3 s where the kernel finds no neighbour, and nothing where it is refused at once', () => {
    const failure = silent('192.0.2.2')
    const why = (changes: Partial<Failure>) =>
      becauseOf('192.0.2.1', [{ address: '192.0.2.2', ms: 1, failure: { ...failure, ...changes } }])[0]
    const severities = (['connection-timeout', 'connection-refused'] as const).map(
      (kind) =>
        faults('192.0.2.1', [{ address: '192.0.2.2', ms: 1, failure: { ...failure, kind } }])[0]?.severity,
    )
    expect(severities).toEqual(['warning', 'note'])
    expect(why({ kind: 'host-unreachable', sign: 'no-neighbour' })).toContain('lose 3 s')
    expect(why({ kind: 'host-unreachable', sign: 'icmp' })).toContain('fail at once')
    expect(why({ kind: 'connection-refused' })).toContain('fail at once')
  })
})
