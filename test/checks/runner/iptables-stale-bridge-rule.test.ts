import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/iptables-stale-bridge-rule.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  composeNetwork,
  inapplicableArea,
  minute,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  seenArea,
  withChurn,
  without,
  withoutLink,
  withoutNetwork,
  withoutRulesOf,
  withPrograms,
  withRules,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const bridge = bridgeOf(woodpeckerNetwork)
/** The network and its bridge are gone, its rules still exist. */
const left = allOf(withoutNetwork(woodpeckerNetwork), withoutLink(bridge))
const kubeRouter = allOf(withRules('filter', 'KUBE-ROUTER-FORWARD', '-j RETURN'), withPrograms('k3s-server'))

test('rules of a bridge that does not exist are a warning, and are quoted', () => {
  const faults = runnerFaultsOf(check, allOf(left, kubeRouter))
  expect(faults).toMatchObject([
    {
      subject: bridge,
      severity: 'warning',
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
      advice: expect.stringContaining('“systemctl restart docker” creates the bridge again'),
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

const restored = { cause: 'restored copy', title: expect.stringContaining('Stale rules restored from') }

test('a file that names the bridges, and a unit that restores it', () => {
  const saved: RunnerChange = (runner) => {
    const file = '/etc/iptables/rules.v4'
    areaIn(runner, 'rules').saved = [
      { program: 'netfilter-persistent', file, enabled: true, flushes: false, bridges: [bridge] },
    ]
  }
  const faults = runnerFaultsOf(check, allOf(left, saved, withChurn({ ago: minute, what: 'destroy' })))
  expect(faults).toMatchObject([{ ...restored, severity: 'note' }])
  expect(faults[0]?.title).toContain('/etc/iptables/rules.v4, which netfilter-persistent restores at boot')
  expect(faults[0]?.advice).toContain('/etc/iptables/rules.v4')
})

test('one copy explains stale rules of one age, while other networks come and go', () => {
  const ordinary = withChurn({ ago: 3 * minute, name: 'x' }, { ago: minute, what: 'destroy', name: 'x' })
  const faults = runnerFaultsOf(check, allOf(left, ordinary))
  expect(faults).toMatchObject([{ ...restored, severity: 'note' }])
  expect(faults[0]?.because).toContain('2026-03-01 11:30:00 UTC or earlier')
})

test('a copy that was saved recently may have undone more', () => {
  const removed = withChurn({ ago: minute, what: 'destroy', bridge })
  expect(runnerFaultsOf(check, allOf(left, removed))).toMatchObject([{ ...restored, severity: 'warning' }])
})

test.each<[string, RunnerChange]>([
  [
    'stale rules of different ages',
    withChurn(
      { ago: 5 * minute, what: 'destroy', bridge },
      {
        ...{ ago: 2 * minute, what: 'create', bridge: 'br-0123456789ab' },
      },
      {
        ...{ ago: minute, what: 'destroy', bridge: 'br-0123456789ab' },
      },
    ),
  ],
  ['missing rules too', withoutRulesOf(bridgeOf(composeNetwork))],
  ['a program that rewrites tables', kubeRouter],
  [
    'a rule that still diverts a port',
    withRules(
      'nat',
      'DOCKER',
      `! -i ${bridge} -p tcp -m tcp --dport 80 -j DNAT --to-destination 172.18.0.2:80`,
    ),
  ],
])('%s: the plain fact', (_sentence, change) => {
  const other = withRules('filter', 'FORWARD', '-o br-0123456789ab -j DOCKER')
  const faults = runnerFaultsOf(check, allOf(left, other, change))
  expect(faults.find(({ subject }) => subject === bridge)).toMatchObject({
    ...{ severity: 'warning', cause: 'stale rules' },
  })
})

test('where it is unknown whether Docker runs, they are a warning', () => {
  expect(
    runnerFaultsOf(check, allOf(left, without('engine', 'networks', 'programs', 'churn'))),
  ).toMatchObject([{ subject: bridge, severity: 'warning' }])
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
