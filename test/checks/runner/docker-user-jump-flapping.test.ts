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

test('looks that found no jump are counted', () => {
  expect(runnerFaultsOf(check, sampled(12))).toEqual([
    {
      subject: 'filter FORWARD',
      severity: 'warning',
      message: '12 of 7086 looks in 14 s found no jump to DOCKER-USER',
      evidence: ['211 different states of FORWARD in that time'],
    },
  ])
})

test.each<QuietRunner>([
  ['a runner that was not sampled', () => {}],
  ['a jump that was always there', sampled(0)],
  ['a jump that was never there', sampled(100, 100)],
  ['no look at all', sampled(0, 0)],
  [
    'Docker with nftables, which has no such jump',
    (runner) => {
      sampled(12)(runner)
      areaIn(runner, 'engine').firewall = 'nftables'
    },
  ],
])('%s does not flap', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
