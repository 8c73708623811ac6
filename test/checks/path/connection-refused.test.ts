import { expect, test } from 'vitest'
import check from '../../../src/checks/path/connection-refused.ts'
import { all, faultsOf, registry, withFailures } from '../../support/facts.ts'
import { testFailureCheck } from '../../support/failure-check.ts'
import { endpointLeg } from '../../support/legs.ts'

testFailureCheck(check, 'connection-refused', 'path')

test('a probe of the leg says by what it failed', () => {
  const leg = (host: string) =>
    endpointLeg(host, {
      '192.0.2.10': [
        {
          at: 0,
          phases: {},
          failure: {
            kind: 'connection-refused',
            phase: 'connect',
            host,
            detail: 'rejected by a firewall (ICMP port unreachable)',
            evidence: [],
            sign: 'icmp',
          },
        },
      ],
    })
  const faults = faultsOf(
    check,
    all(withFailures('connection-refused'), (facts) => {
      facts.path.legs = [leg(registry), leg('elsewhere.example.com')]
    }),
  )
  expect(faults.map(({ subject, title, evidence }) => [subject, title, evidence?.[0]])).toEqual([
    [
      registry,
      'Connection rejected: a firewall answers for this port (ICMP), whether or not something listens on it.',
      'rejected by a firewall (ICMP port unreachable)',
    ],
    ['cdn.example.com', undefined, 'cdn.example.com said so'],
  ])
})
