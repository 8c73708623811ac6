import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/xtables-lock-contention.ts'
import { areaIn, type QuietRunner, type RunnerChange, runnerFaultsOf } from '../../support/runner-facts.ts'

const held =
  (waitedMs: number): RunnerChange =>
  (runner) => {
    areaIn(runner, 'rules').lock = { heldBy: 'iptables-restore (pid 4711)', waitedMs }
  }

test('who holds the lock too long is named', () => {
  expect(runnerFaultsOf(check, held(2700))).toEqual([
    {
      subject: '/run/xtables.lock',
      severity: 'warning',
      message: 'held by iptables-restore (pid 4711) for 2.7 s without a break',
    },
  ])
})

test.each<QuietRunner>([
  ['a lock that nobody holds', () => {}],
  ['a lock that is held as long as a run takes', held(60)],
])('%s is no contention', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
