import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/docker-network-rules-missing.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  chainIn,
  composeNetwork,
  networkOf,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  withNetworks,
  without,
  withoutRulesOf,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const bridge = bridgeOf(woodpeckerNetwork)

test('a network without any rule is cut off', () => {
  expect(runnerFaultsOf(check, withoutRulesOf(bridge))).toMatchObject([
    {
      subject: woodpeckerNetwork,
      severity: 'error',
      message: `${bridge}: no rules, its containers cannot reach anything outside`,
      actual: '0 of them',
      cause: 'missing rules',
    },
  ])
})

test('a network without its filter rules keeps its masquerading', () => {
  const faults = runnerFaultsOf(check, withoutRulesOf(bridge, 'filter'))
  expect(faults).toMatchObject([
    { message: `${bridge}: 6 rules missing, packets to or from it may be dropped`, actual: '2 of them' },
  ])
  expect(faults[0]?.evidence).toContain(`missing: filter DOCKER-ISOLATION-STAGE-2 -o ${bridge} -j DROP`)
})

test('a network without only its masquerading gets no replies', () => {
  expect(runnerFaultsOf(check, withoutRulesOf(bridge, 'nat'))).toMatchObject([
    { message: `${bridge}: 1 rule missing, its containers get no replies from outside` },
  ])
})

test('an internal network without the rule that connects its containers', () => {
  const change = allOf(
    withNetworks(networkOf('inner', 20, { internal: true })),
    withoutRulesOf(bridgeOf('inner')),
  )
  expect(runnerFaultsOf(check, change)).toMatchObject([
    { subject: 'inner', expected: 'the rules that Docker creates for an internal network' },
  ])
})

test('a network without only its isolation is not cut off', () => {
  const unisolated: RunnerChange = (runner) => {
    for (const stage of [1, 2]) {
      const chain = chainIn(runner, 'filter', `DOCKER-ISOLATION-STAGE-${stage}`)
      chain.rules = chain.rules.filter((rule) => !rule.includes(bridge))
    }
  }
  expect(runnerFaultsOf(check, unisolated)).toMatchObject([
    {
      message: `${bridge}: 2 rules missing, it is no longer isolated from other networks`,
      title: expect.stringMatching(/^Isolation missing: /),
    },
  ])
})

test('several networks share one cause', () => {
  const faults = runnerFaultsOf(
    check,
    allOf(withoutRulesOf(bridge), withoutRulesOf(bridgeOf(composeNetwork))),
  )
  expect(faults.map(({ subject, cause }) => [subject, cause])).toEqual([
    [woodpeckerNetwork, 'missing rules'],
    [composeNetwork, 'missing rules'],
  ])
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  ['rules that were not observed', allOf(withoutRulesOf(bridge), without('rules'))],
  [
    'truncated rules',
    allOf(withoutRulesOf(bridge), (runner) => {
      areaIn(runner, 'rules').truncated = true
    }),
  ],
  [
    'a packet filter that was flushed completely',
    (runner) => {
      areaIn(runner, 'rules').tables = []
    },
  ],
])('%s: no rule is reported missing', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
