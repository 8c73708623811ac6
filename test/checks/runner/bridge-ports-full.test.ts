import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/bridge-ports-full.ts'
import { linkOf, type RunnerChange, runnerFaultsOf, seenArea } from '../../support/runner-facts.ts'

const withPorts =
  (ports: number, kind = 'bridge'): RunnerChange =>
  (runner) => {
    runner.links = seenArea([
      linkOf('br0', 1, { kind }),
      ...Array.from({ length: ports }, (_, at) => linkOf(`p${at}`, at + 2, { kind: 'veth', master: 'br0' })),
    ])
  }

test.each([
  [921, 'warning'],
  [1022, 'warning'],
  [1023, 'error'],
] as const)('%d ports of 1023: %s', (ports, severity) => {
  expect(runnerFaultsOf(check, withPorts(ports))).toMatchObject([
    { severity, subject: 'br0', message: `${ports} of 1023 ports in use` },
  ])
})

test.each([
  ['920 ports', withPorts(920)],
  ['a bond, which has no such limit', withPorts(1023, 'bond')],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
