import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/kube-router-overwriter-present.ts'
import {
  allOf,
  areaIn,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  seenArea,
  without,
  withPrograms,
  withRules,
  withTables,
} from '../../support/runner-facts.ts'

const chains = withRules('filter', 'KUBE-ROUTER-FORWARD', '-j RETURN')
const k3s = allOf(chains, withPrograms('k3s-server'))
const created =
  (networks: number): RunnerChange =>
  (runner) => {
    for (let at = 0; at < networks; at += 1)
      areaIn(runner, 'churn').changes.push({
        at: runner.at - 60_000 + at * 1000,
        what: 'create',
        name: `wp_${at}`,
        owner: 'woodpecker',
        bridge: `br-00000000000${at}`,
      })
  }

test('a shared table with Docker is a note', () => {
  expect(runnerFaultsOf(check, k3s)).toEqual([
    {
      subject: 'table filter (iptables-nft)',
      severity: 'note',
      message: 'chain KUBE-ROUTER-FORWARD in one table with Docker’s chains',
      advice:
        'No action is needed unless CI creates networks here (regguard-plugin explain bridge-churn-race).',
    },
  ])
})

test('with network churn it is a warning with a remediation', () => {
  expect(runnerFaultsOf(check, allOf(k3s, created(5)))).toMatchObject([
    {
      severity: 'warning',
      message:
        'chain KUBE-ROUTER-FORWARD in one table with Docker’s chains; networks were created or removed while it ran',
      advice: expect.stringContaining('run CI on a machine that is not a Kubernetes node'),
    },
  ])
})

test('a few networks a minute are a note', () => {
  expect(runnerFaultsOf(check, allOf(k3s, created(4)))).toMatchObject([{ severity: 'note' }])
})

test('chains count where processes cannot be listed', () => {
  expect(runnerFaultsOf(check, allOf(chains, without('programs')))).toHaveLength(1)
})

test.each<QuietRunner>([
  ['a host without kube-router', () => {}],
  ['chains left over after it was disabled', chains],
  [
    'its chains in the other backend',
    allOf(
      withPrograms('k3s-server'),
      withTables({
        backend: 'legacy',
        family: 'ip',
        name: 'filter',
        chains: [{ name: 'KUBE-ROUTER-FORWARD', rules: [] }],
      }),
    ),
  ],
  ['rules that were not observed', allOf(k3s, without('rules'))],
  [
    'Docker with nftables',
    allOf(withPrograms('k3s-server'), (runner) => {
      runner.rules = seenArea({
        ...areaIn(runner, 'rules'),
        tables: [
          { backend: 'native', family: 'ip', name: 'docker-bridges', chains: [] },
          {
            backend: 'nft',
            family: 'ip',
            name: 'filter',
            chains: [{ name: 'KUBE-ROUTER-FORWARD', rules: [] }],
          },
        ],
      })
    }),
  ],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
