import { expect, test } from 'vitest'
import check from '../../../src/checks/path/host-unreachable.ts'
import { all, faultsOf, registry, withFailures } from '../../support/facts.ts'
import { testFailureCheck } from '../../support/failure-check.ts'
import { endpointLeg } from '../../support/legs.ts'

testFailureCheck(check, 'host-unreachable', 'path')

test('a probe of the leg says by what it failed', () => {
  const leg = (host: string) =>
    endpointLeg(host, {
      '192.0.2.10': [
        {
          at: 0,
          phases: {},
          failure: {
            kind: 'host-unreachable',
            phase: 'connect',
            host,
            detail: 'nothing answers at this address',
            evidence: [],
            sign: 'no-neighbour',
          },
        },
      ],
    })
  const faults = faultsOf(
    check,
    all(withFailures('host-unreachable'), (facts) => {
      facts.path.legs = [leg(registry), leg('elsewhere.example.com')]
    }),
  )
  expect(faults.map(({ subject, title, evidence }) => [subject, title, evidence?.[0]])).toEqual([
    [
      registry,
      'Host down: nothing answers at this address in its own network, neither to ARP nor to NDP.',
      'nothing answers at this address',
    ],
    ['cdn.example.com', undefined, 'cdn.example.com said so'],
  ])
})
