import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/docker-chain-missing.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  chainIn,
  dockerRules,
  engineNetworks,
  inapplicable,
  networkOf,
  type QuietRunner,
  type RunnerChange,
  rulesOf,
  runnerFaultsOf,
  shown,
  userNetworks,
  withNetworks,
  without,
  withoutChain,
  withTables,
} from '../../support/runner-facts.ts'

const empty: RunnerChange = (runner) => {
  runner.rules = shown(rulesOf([]))
}

test.each([
  ['nat', 'DOCKER'],
  ['filter', 'DOCKER'],
  ['filter', 'DOCKER-USER'],
])('the chain %s %s that a flush took away is missed', (table, chain) => {
  const faults = runnerFaultsOf(check, withoutChain(table, chain))
  expect(faults).toMatchObject([
    {
      subject: `${table} ${chain}`,
      severity: 'error',
      message: `there is no chain ${table} ${chain}`,
      cause: 'flushed',
    },
  ])
})

test('a filter without a trace of Docker is a warning: it may be meant so', () => {
  expect(runnerFaultsOf(check, empty)).toMatchObject([
    { subject: 'DOCKER', severity: 'warning', title: expect.stringContaining('iptables: false') },
  ])
})

test('rules of bridges alone, with every chain gone, are a trace', () => {
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
  ['in one look', () => {}],
  ['in every one of many looks', samples(100)],
])('FORWARD that leads nowhere %s is told', (_sentence, change) => {
  expect(runnerFaultsOf(check, allOf(withoutJump, change))).toMatchObject([
    { subject: 'filter DOCKER-USER', severity: 'error', cause: 'unreached' },
  ])
})

test.each<QuietRunner>([
  ['a runner in order', () => {}],
  ['a jump that comes and goes', allOf(withoutJump, samples(12))],
  [
    'a jump that Docker takes away while it makes a network',
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
    'Docker 29 whose tables nft lists',
    allOf(empty, withTables({ backend: 'native', family: 'ip', name: 'docker-bridges', chains: [] })),
  ],
  [
    'Podman',
    allOf(empty, (runner) => {
      areaIn(runner, 'engine').flavour = 'podman'
    }),
  ],
  ['an engine that was not asked', allOf(empty, without('engine'))],
  [
    'no engine',
    allOf(empty, (runner) => {
      runner.engine = inapplicable()
    }),
  ],
  [
    'rules that could not be read',
    allOf(empty, (runner) => {
      areaIn(runner, 'rules').unread = [{ backend: 'nft', why: 'iptables-nft-save is not installed here' }]
    }),
  ],
  [
    'a rootless engine, looked at from the host',
    allOf(empty, (runner) => {
      areaIn(runner, 'engine').rootless = true
      runner.vantage.hostView = 'here'
    }),
  ],
  [
    'an engine whose bridges are elsewhere',
    allOf(empty, (runner) => {
      runner.links = shown([])
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
      runner.rules = shown(rulesOf(dockerRules([...engineNetworks(), ...userNetworks()], 'legacy')))
    },
  ],
  [
    'chains with a bridge of another name',
    withNetworks(networkOf('named', 20, { bridge: bridgeOf('other') })),
  ],
])('%s misses no chain', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
