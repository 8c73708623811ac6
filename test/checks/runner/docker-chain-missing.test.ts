import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/docker-chain-missing.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  chainIn,
  dockerRules,
  engineNetworks,
  inapplicableArea,
  networkOf,
  type QuietRunner,
  type RunnerChange,
  rulesOf,
  runnerFaultsOf,
  seenArea,
  userNetworks,
  withNetworks,
  without,
  withoutChain,
  withTables,
} from '../../support/runner-facts.ts'

const empty: RunnerChange = (runner) => {
  runner.rules = seenArea(rulesOf([]))
}

test.each([
  ['nat', 'DOCKER'],
  ['filter', 'DOCKER'],
])('the chain %s %s, removed by a flush, is reported', (table, chain) => {
  const faults = runnerFaultsOf(check, withoutChain(table, chain))
  expect(faults).toMatchObject([
    {
      subject: `${table} ${chain}`,
      severity: 'error',
      message: `chain ${table} ${chain} does not exist`,
      cause: 'flushed',
    },
  ])
})

test('Docker works without DOCKER-USER: a warning that promises no failure', () => {
  const [fault, ...more] = runnerFaultsOf(check, withoutChain('filter', 'DOCKER-USER'))
  expect(more).toEqual([])
  expect(fault).toMatchObject({ subject: 'filter DOCKER-USER', severity: 'warning', cause: 'user chain' })
  expect(fault?.advice).not.toMatch(/restart|fails/)
})

test('bridge rules without any Docker chain are Docker rules', () => {
  const change: RunnerChange = (runner) => {
    for (const table of areaIn(runner, 'rules').tables)
      table.chains = table.chains.filter(({ name }) => !name.startsWith('DOCKER'))
  }
  expect(runnerFaultsOf(check, change).map(({ subject }) => subject)).toEqual([
    'nat DOCKER',
    'filter DOCKER',
    'filter DOCKER-USER',
  ])
})

const withoutJump: RunnerChange = (runner) => {
  const forward = chainIn(runner, 'filter', 'FORWARD')
  forward.rules = forward.rules.filter((rule) => rule !== '-j DOCKER-USER')
}
const samples =
  (withoutUserJump: number, taken = 100): RunnerChange =>
  (runner) => {
    areaIn(runner, 'rules').samples = { taken, withoutUserJump, overMs: 2000, distinct: 1, firstRules: [] }
  }

test.each<[string, RunnerChange]>([
  ['in a single reading', () => {}],
  ['in every one of many samples', samples(100)],
])('FORWARD without the jump %s is reported', (_sentence, change) => {
  expect(runnerFaultsOf(check, allOf(withoutJump, change))).toMatchObject([
    { subject: 'filter DOCKER-USER', severity: 'error', cause: 'unreached' },
  ])
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  ['a packet filter without any Docker rule, which is docker-rules-flushed', empty],
  ['a jump that is missing at times', allOf(withoutJump, samples(12))],
  [
    'a jump that Docker removes while it creates a network',
    allOf(withoutJump, (runner) => {
      areaIn(runner, 'churn').changes.push({
        at: runner.at - 1000,
        what: 'create',
        name: 'x',
        owner: 'woodpecker',
      })
    }),
  ],
  [
    'Docker with nftables',
    allOf(empty, (runner) => {
      areaIn(runner, 'engine').firewall = 'nftables'
    }),
  ],
  [
    'Docker 29 with tables that only nft lists',
    allOf(empty, withTables({ backend: 'native', family: 'ip', name: 'docker-bridges', chains: [] })),
  ],
  [
    'Podman',
    allOf(empty, (runner) => {
      areaIn(runner, 'engine').flavour = 'podman'
    }),
  ],
  ['an engine that was not queried', allOf(empty, without('engine'))],
  [
    'no engine',
    allOf(empty, (runner) => {
      runner.engine = inapplicableArea()
    }),
  ],
  [
    'rules that could not be read',
    allOf(empty, (runner) => {
      areaIn(runner, 'rules').unread = [{ backend: 'nft', why: 'iptables-nft-save is not installed here' }]
    }),
  ],
  [
    'a rootless engine, observed from the host',
    allOf(empty, (runner) => {
      areaIn(runner, 'engine').rootless = true
      runner.vantage.hostView = 'here'
    }),
  ],
  [
    'an engine whose bridges are elsewhere',
    allOf(empty, (runner) => {
      runner.links = seenArea([])
    }),
  ],
  [
    'an engine without a network in use',
    allOf(withNetworks(networkOf('idle', 20, { endpoints: 0 })), empty, (runner) => {
      for (const network of areaIn(runner, 'networks')) network.endpoints = 0
    }),
  ],
  [
    'chains in legacy iptables',
    (runner) => {
      runner.rules = seenArea(rulesOf(dockerRules([...engineNetworks(), ...userNetworks()], 'legacy')))
    },
  ],
  [
    'chains with a bridge that has a custom name',
    withNetworks(networkOf('named', 20, { bridge: bridgeOf('other') })),
  ],
])('%s: no chain is missing', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
