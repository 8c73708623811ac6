import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/iptables-stale-bridge-rule.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  inapplicableArea,
  type QuietRunner,
  runnerFaultsOf,
  seenArea,
  without,
  withoutLink,
  withoutNetwork,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const bridge = bridgeOf(woodpeckerNetwork)
/** The network and its bridge are gone, its rules still exist. */
const left = allOf(withoutNetwork(woodpeckerNetwork), withoutLink(bridge))

test('rules of a bridge that does not exist are an error, and are quoted', () => {
  const faults = runnerFaultsOf(check, left)
  expect(faults).toMatchObject([
    {
      subject: bridge,
      severity: 'error',
      message: '8 rules left for a bridge that does not exist',
      expected: 'no rule, because the network is gone',
      cause: 'stale rules',
    },
  ])
  expect(faults[0]?.evidence).toContain(`filter FORWARD -o ${bridge} -j DOCKER`)
  expect(faults[0]?.evidence).toContain(`nat POSTROUTING -s 172.18.0.0/16 ! -o ${bridge} -j MASQUERADE`)
})

test('a network that still exists without its bridge has another cause and another advice', () => {
  expect(runnerFaultsOf(check, withoutLink(bridge))).toMatchObject([
    {
      subject: bridge,
      severity: 'error',
      message: `the network ${woodpeckerNetwork} and 8 rules exist, but the bridge does not`,
      cause: 'bridge deleted',
      advice: expect.stringContaining(`docker network rm ${woodpeckerNetwork}`),
    },
  ])
})

test('rules of a Docker that no longer runs are a note', () => {
  const change = allOf(left, (runner) => {
    runner.engine = inapplicableArea()
    runner.networks = inapplicableArea()
    runner.programs = seenArea(['systemd', 'sshd'])
  })
  expect(runnerFaultsOf(check, change)).toMatchObject([{ subject: bridge, severity: 'note' }])
})

test('where it is unknown whether Docker runs, they are an error', () => {
  expect(runnerFaultsOf(check, allOf(left, without('engine', 'networks', 'programs')))).toMatchObject([
    { subject: bridge, severity: 'error' },
  ])
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  ['links that were not observed', allOf(left, without('links'))],
  ['rules that were not observed', allOf(left, without('rules'))],
  [
    'a network that is being removed',
    allOf(left, (runner) => {
      areaIn(runner, 'churn').changes.push({
        at: runner.at - 3000,
        what: 'destroy',
        name: woodpeckerNetwork,
        owner: 'woodpecker',
        bridge,
      })
    }),
  ],
])('%s: no stale rule', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
