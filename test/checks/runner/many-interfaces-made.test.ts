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

const made =
  (interfaces: number, uptimeMs: number): RunnerChange =>
  (runner) => {
    runner.interfaces = { made: interfaces, uptimeMs }
  }

test('a number that grew fast since the host started is noted', () => {
  expect(runnerFaultsOf(check, allOf(without('churn'), made(41_233, 72 * hour)))).toEqual([
    {
      subject: 'the host',
      severity: 'note',
      message: '41233 interfaces in 3 days, 9 a minute on average',
    },
  ])
})

test.each<QuietRunner>([
  ['a host whose networks were seen to come and go', made(41_233, 72 * hour)],
  ['a slow growth', allOf(without('churn'), made(900, 72 * hour))],
  ['a host that has just started', allOf(without('churn'), made(400, hour / 2))],
  ['a number that was not seen', without('churn')],
])('%s says nothing', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
