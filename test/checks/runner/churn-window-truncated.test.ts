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
  seenArea,
  without,
} from '../../support/runner-facts.ts'

const history =
  (overMs: number, truncated = true): RunnerChange =>
  (runner) => {
    runner.churn = seenArea(churnOf([], { overMs, truncated }), 'Docker events')
  }

test('a history of a few minutes is noted, with its start', () => {
  expect(runnerFaultsOf(check, history(4 * minute))).toEqual([
    {
      subject: 'Docker events',
      severity: 'note',
      message: 'the history reaches back 4 min, to 2026-03-01 11:56:00 UTC',
      advice: expect.not.stringContaining('host_snapshot'),
    },
  ])
  expect(runnerFaultsOf(check, history(40 * second))).toMatchObject([
    { message: 'the history reaches back 40 s, to 2026-03-01 11:59:20 UTC' },
  ])
})

test('a host snapshot is advised only where there is none', () => {
  const [fault] = runnerFaultsOf(check, (runner) => {
    history(4 * minute)(runner)
    runner.vantage.hostView = 'none'
  })
  expect(fault).not.toHaveProperty('advice')
  expect(check.advice).toContain('host_snapshot: true')
})

test.each<QuietRunner>([
  ['a complete history', () => {}],
  ['a short time with a complete history', history(minute, false)],
  ['a truncated history of hours', history(3 * hour)],
  ['churn that was not observed', without('churn')],
])('%s is not noted', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
