import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/xtables-lock-contention.ts'
import { areaIn, type QuietRunner, type RunnerChange, runnerFaultsOf } from '../../support/runner-facts.ts'

const held =
  (waitedMs: number): RunnerChange =>
  (runner) => {
    areaIn(runner, 'rules').lock = { heldBy: 'iptables-restore (pid 4711)', waitedMs }
  }

test('a program that holds the lock too long is named', () => {
  expect(runnerFaultsOf(check, held(2700))).toEqual([
    {
      subject: '/run/xtables.lock',
      severity: 'warning',
      message: 'held by iptables-restore (pid 4711) for 2.7 s without interruption',
    },
  ])
})

test.each<QuietRunner>([
  ['a free lock', () => {}],
  ['a lock that is held for one call', held(60)],
])('%s: no contention', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
