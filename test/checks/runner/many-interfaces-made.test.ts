import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/many-interfaces-made.ts'
import {
  allOf,
  hour,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  without,
} from '../../support/runner-facts.ts'

const created =
  (interfaces: number, uptimeMs: number): RunnerChange =>
  (runner) => {
    runner.interfaces = { made: interfaces, uptimeMs }
  }

test('a high rate since boot is noted', () => {
  expect(runnerFaultsOf(check, allOf(without('churn'), created(41_233, 72 * hour)))).toEqual([
    {
      subject: 'the host',
      severity: 'note',
      message: '41233 interfaces created in 3 days, 9 a minute on average',
    },
  ])
})

test.each<QuietRunner>([
  ['a host whose churn was observed', created(41_233, 72 * hour)],
  ['a low rate', allOf(without('churn'), created(900, 72 * hour))],
  ['a host that has just started', allOf(without('churn'), created(400, hour / 2))],
  ['a number that was not observed', without('churn')],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
