import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/churn-window-truncated.ts'
import {
  churnOf,
  hour,
  minute,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  second,
  shown,
  without,
} from '../../support/runner-facts.ts'

const known =
  (overMs: number, truncated = true): RunnerChange =>
  (runner) => {
    runner.churn = shown(churnOf([], { overMs, truncated }), 'Docker events')
  }

test('a source that forgets within minutes is noted, with how far back it reaches', () => {
  expect(runnerFaultsOf(check, known(4 * minute))).toEqual([
    {
      subject: 'Docker events',
      severity: 'note',
      message: 'it reaches back 4 min, to 2026-03-01 11:56:00 UTC',
    },
  ])
  expect(runnerFaultsOf(check, known(40 * second))).toMatchObject([
    { message: 'it reaches back 40 s, to 2026-03-01 11:59:20 UTC' },
  ])
})

test.each<QuietRunner>([
  ['a source that remembers all', () => {}],
  ['a short time of which all is known', known(minute, false)],
  ['a full ring that reaches back hours', known(3 * hour)],
  ['what was not seen at all', without('churn')],
])('%s is not noted', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
