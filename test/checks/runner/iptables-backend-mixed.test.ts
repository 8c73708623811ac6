import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/iptables-backend-mixed.ts'
import type { ChainFact } from '../../../src/facts/runner.ts'
import {
  allOf,
  dockerRules,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  userNetworks,
  without,
  withTables,
} from '../../support/runner-facts.ts'

const legacy = (...chains: ChainFact[]): RunnerChange =>
  withTables({ backend: 'legacy', family: 'ip', name: 'filter', chains })

test('a program with rules in both backends is an error', () => {
  const faults = runnerFaultsOf(check, withTables(...dockerRules(userNetworks(), 'legacy')))
  expect(faults).toMatchObject([
    {
      subject: 'iptables',
      severity: 'error',
      message: expect.stringMatching(/^\d+ rules in nft, \d+ in legacy; Docker in both$/),
      title: expect.stringContaining('Docker wrote rules to both'),
    },
  ])
  expect(faults[0]?.evidence).toEqual([
    expect.stringMatching(/^iptables-nft: \d+ rules \(Docker\)$/),
    expect.stringMatching(/^iptables-legacy: \d+ rules \(Docker\)$/),
  ])
})

test('different programs in different backends are a warning', () => {
  const change = legacy(
    { name: 'KUBE-FORWARD', rules: ['-j ACCEPT'] },
    { name: 'INPUT', policy: 'DROP', rules: ['-i lo -j ACCEPT'] },
  )
  expect(runnerFaultsOf(check, change)).toMatchObject([
    {
      severity: 'warning',
      evidence: [expect.stringContaining('Docker'), 'iptables-legacy: 2 rules (kube-proxy)'],
    },
  ])
})

test('rules without a known owner are reported without a name', () => {
  expect(runnerFaultsOf(check, legacy({ name: 'INPUT', rules: ['-p tcp -j DROP'] }))).toMatchObject([
    { severity: 'warning', evidence: [expect.any(String), 'iptables-legacy: 1 rule'] },
  ])
})

test.each<QuietRunner>([
  ['rules only in nft', () => {}],
  [
    'empty legacy tables, left by reading them',
    legacy({ name: 'INPUT', policy: 'ACCEPT', rules: [] }, { name: 'FORWARD', policy: 'ACCEPT', rules: [] }),
  ],
  ['legacy chains without a rule', legacy({ name: 'KUBE-KUBELET-CANARY', rules: [] })],
  [
    'nft tables next to iptables',
    withTables({
      backend: 'native',
      family: 'inet',
      name: 'firewalld',
      chains: [{ name: 'filter_INPUT', rules: ['ct state established accept'] }],
    }),
  ],
  ['rules that were not observed', allOf(legacy({ name: 'INPUT', rules: ['-j DROP'] }), without('rules'))],
])('%s: not mixed', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
