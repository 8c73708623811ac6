import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/kube-router-overwriter-present.ts'
import {
  allOf,
  areaIn,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  shown,
  without,
  withPrograms,
  withRules,
  withTables,
} from '../../support/runner-facts.ts'

const chains = withRules('filter', 'KUBE-ROUTER-FORWARD', '-j RETURN')
const k3s = allOf(chains, withPrograms('k3s-server'))
const made =
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

test('it is noted where it shares a table with Docker', () => {
  expect(runnerFaultsOf(check, k3s)).toEqual([
    {
      subject: 'table filter (iptables-nft)',
      severity: 'note',
      message: 'chain KUBE-ROUTER-FORWARD, beside chains of Docker’s',
      advice: 'Nothing to do unless CI makes networks here (regguard-plugin explain bridge-churn-race).',
    },
  ])
})

test('where networks come and go beside it, it is a warning with a way out', () => {
  expect(runnerFaultsOf(check, allOf(k3s, made(5)))).toMatchObject([
    {
      severity: 'warning',
      message: 'chain KUBE-ROUTER-FORWARD, beside chains of Docker’s; networks came and went while it ran',
      advice: expect.stringContaining('run CI on a machine that is no Kubernetes node'),
    },
  ])
})

test('a few networks an hour stay a note', () => {
  expect(runnerFaultsOf(check, allOf(k3s, made(4)))).toMatchObject([{ severity: 'note' }])
})

test('chains count where programs cannot be listed', () => {
  expect(runnerFaultsOf(check, allOf(chains, without('programs')))).toHaveLength(1)
})

test.each<QuietRunner>([
  ['a host without kube-router', () => {}],
  ['chains that it left when it was turned off', chains],
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
  ['rules that were not seen', allOf(k3s, without('rules'))],
  [
    'Docker with nftables',
    allOf(withPrograms('k3s-server'), (runner) => {
      runner.rules = shown({
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
])('%s is not told', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
