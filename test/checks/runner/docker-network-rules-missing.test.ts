import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/docker-network-rules-missing.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  composeNetwork,
  networkOf,
  type QuietRunner,
  runnerFaultsOf,
  withNetworks,
  without,
  withoutRulesOf,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const bridge = bridgeOf(woodpeckerNetwork)

test('a network without a single rule is cut off', () => {
  expect(runnerFaultsOf(check, withoutRulesOf(bridge))).toMatchObject([
    {
      subject: woodpeckerNetwork,
      severity: 'error',
      message: `${bridge}: no rule at all, its containers reach nothing outside`,
      actual: '0 of them',
      cause: 'missing rules',
    },
  ])
})

test('one that lost its filter rules keeps its masquerading', () => {
  const faults = runnerFaultsOf(check, withoutRulesOf(bridge, 'filter'))
  expect(faults).toMatchObject([
    { message: `${bridge}: 6 rules missing, packets to or from it may be dropped`, actual: '2 of them' },
  ])
  expect(faults[0]?.evidence).toContain(`missing: filter DOCKER-ISOLATION-STAGE-2 -o ${bridge} -j DROP`)
})

test('one that lost its masquerading alone gets no answers', () => {
  expect(runnerFaultsOf(check, withoutRulesOf(bridge, 'nat'))).toMatchObject([
    { message: `${bridge}: 1 rule missing, nothing answers its containers from outside` },
  ])
})

test('an internal network lacks the rule that lets its containers speak to each other', () => {
  const change = allOf(
    withNetworks(networkOf('inner', 20, { internal: true })),
    withoutRulesOf(bridgeOf('inner')),
  )
  expect(runnerFaultsOf(check, change)).toMatchObject([
    { subject: 'inner', expected: 'the rules that Docker writes for a network without way out' },
  ])
})

test('networks share one cause', () => {
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
  ['a runner in order', () => {}],
  ['rules that were not seen', allOf(withoutRulesOf(bridge), without('rules'))],
  [
    'rules that were cut off',
    allOf(withoutRulesOf(bridge), (runner) => {
      areaIn(runner, 'rules').truncated = true
    }),
  ],
  [
    'a packet filter that was flushed as a whole',
    (runner) => {
      areaIn(runner, 'rules').tables = []
    },
  ],
])('%s lacks no rule', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
