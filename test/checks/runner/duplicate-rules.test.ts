import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/duplicate-rules.ts'
import {
  allOf,
  type QuietRunner,
  runnerFaultsOf,
  without,
  withRules,
  withTables,
} from '../../support/runner-facts.ts'

const accept = '-s 10.42.0.0/16 -i cni0 -j ACCEPT'

test('duplicated rules are noted, the one with most copies first', () => {
  const change = allOf(
    withRules('filter', 'INPUT', accept, accept),
    withRules('filter', 'FORWARD', '-j ts-forward', '-j ts-forward', '-j ts-forward'),
  )
  expect(runnerFaultsOf(check, change)).toEqual([
    {
      subject: 'table filter (iptables-nft)',
      severity: 'note',
      message: '2 duplicated rules',
      evidence: ['3 copies: FORWARD -j ts-forward', `2 copies: INPUT ${accept}`],
      cause: 'duplicates',
    },
  ])
})

test('tables are distinguished by family', () => {
  const chains = [{ name: 'INPUT', rules: ['-j DROP', '-j DROP'] }]
  expect(
    runnerFaultsOf(check, withTables({ backend: 'legacy', family: 'ip6', name: 'filter', chains })),
  ).toMatchObject([{ subject: 'table ip6 filter (iptables-legacy)', message: '1 duplicated rule' }])
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  [
    'the same rule in two chains',
    allOf(withRules('filter', 'INPUT', accept), withRules('filter', 'OUTPUT', accept)),
  ],
  [
    'nft rules, which may repeat',
    withTables({
      backend: 'native',
      family: 'inet',
      name: 'x',
      chains: [{ name: 'a', rules: ['accept', 'accept'] }],
    }),
  ],
  ['rules that were not observed', allOf(withRules('filter', 'INPUT', accept, accept), without('rules'))],
])('%s: no duplicate', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
