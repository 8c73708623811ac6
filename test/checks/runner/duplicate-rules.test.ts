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

test('a rule that is there twice is noted, the most copies first', () => {
  const change = allOf(
    withRules('filter', 'INPUT', accept, accept),
    withRules('filter', 'FORWARD', '-j ts-forward', '-j ts-forward', '-j ts-forward'),
  )
  expect(runnerFaultsOf(check, change)).toEqual([
    {
      subject: 'table filter (iptables-nft)',
      severity: 'note',
      message: '2 rules are there more than once',
      evidence: ['3 times: FORWARD -j ts-forward', `2 times: INPUT ${accept}`],
      cause: 'duplicates',
    },
  ])
})

test('tables are told apart by family', () => {
  const chains = [{ name: 'INPUT', rules: ['-j DROP', '-j DROP'] }]
  expect(
    runnerFaultsOf(check, withTables({ backend: 'legacy', family: 'ip6', name: 'filter', chains })),
  ).toMatchObject([
    { subject: 'table ip6 filter (iptables-legacy)', message: '1 rule is there more than once' },
  ])
})

test.each<QuietRunner>([
  ['a runner in order', () => {}],
  [
    'the same rule in two chains',
    allOf(withRules('filter', 'INPUT', accept), withRules('filter', 'OUTPUT', accept)),
  ],
  [
    'rules of nft, which may repeat',
    withTables({
      backend: 'native',
      family: 'inet',
      name: 'x',
      chains: [{ name: 'a', rules: ['accept', 'accept'] }],
    }),
  ],
  ['rules that were not seen', allOf(withRules('filter', 'INPUT', accept, accept), without('rules'))],
])('%s has no rule twice', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
