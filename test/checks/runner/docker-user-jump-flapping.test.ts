import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/docker-user-jump-flapping.ts'
import { areaIn, type QuietRunner, type RunnerChange, runnerFaultsOf } from '../../support/runner-facts.ts'

const sampled =
  (withoutUserJump: number, taken = 7086): RunnerChange =>
  (runner) => {
    areaIn(runner, 'rules').samples = {
      taken,
      withoutUserJump,
      overMs: 14_000,
      distinct: 211,
      firstRules: [],
    }
  }

test('samples without the jump are counted', () => {
  expect(runnerFaultsOf(check, sampled(12))).toEqual([
    {
      subject: 'filter FORWARD',
      severity: 'warning',
      message: '12 of 7086 samples in 14 s had no jump to DOCKER-USER',
      evidence: ['FORWARD had 211 different states in that time'],
    },
  ])
})

test.each<QuietRunner>([
  ['a runner that was not sampled', () => {}],
  ['a jump that was always present', sampled(0)],
  ['a jump that was never present', sampled(100, 100)],
  ['no samples', sampled(0, 0)],
  [
    'Docker with nftables, which has no such jump',
    (runner) => {
      sampled(12)(runner)
      areaIn(runner, 'engine').firewall = 'nftables'
    },
  ],
])('%s: no flapping', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
