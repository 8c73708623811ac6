import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/iptables-stale-bridge-rule.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  inapplicable,
  type QuietRunner,
  runnerFaultsOf,
  shown,
  without,
  withoutLink,
  withoutNetwork,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const bridge = bridgeOf(woodpeckerNetwork)
/** The network and its bridge went, its rules stayed. */
const left = allOf(withoutNetwork(woodpeckerNetwork), withoutLink(bridge))

test('rules of a bridge that is gone are an error, and are quoted', () => {
  const faults = runnerFaultsOf(check, left)
  expect(faults).toMatchObject([
    {
      subject: bridge,
      severity: 'error',
      message: '8 rules left, no such bridge',
      expected: 'no rule, as the network is gone',
      cause: 'stale rules',
    },
  ])
  expect(faults[0]?.evidence).toContain(`filter FORWARD -o ${bridge} -j DOCKER`)
  expect(faults[0]?.evidence).toContain(`nat POSTROUTING -s 172.18.0.0/16 ! -o ${bridge} -j MASQUERADE`)
})

test('a network that the engine still has lost its bridge: another cause, and another way out', () => {
  expect(runnerFaultsOf(check, withoutLink(bridge))).toMatchObject([
    {
      subject: bridge,
      severity: 'error',
      message: `8 rules and the network ${woodpeckerNetwork} are there, the bridge is gone`,
      cause: 'bridge deleted',
      advice: expect.stringContaining(`docker network rm ${woodpeckerNetwork}`),
    },
  ])
})

test('rules of a Docker that no longer runs are only noted', () => {
  const change = allOf(left, (runner) => {
    runner.engine = inapplicable()
    runner.networks = inapplicable()
    runner.programs = shown(['systemd', 'sshd'])
  })
  expect(runnerFaultsOf(check, change)).toMatchObject([{ subject: bridge, severity: 'note' }])
})

test('where nobody knows whether Docker runs, they count', () => {
  expect(runnerFaultsOf(check, allOf(left, without('engine', 'networks', 'programs')))).toMatchObject([
    { subject: bridge, severity: 'error' },
  ])
})

test.each<QuietRunner>([
  ['a runner in order', () => {}],
  ['links that were not seen', allOf(left, without('links'))],
  ['rules that were not seen', allOf(left, without('rules'))],
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
])('%s has no stale rule', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
