import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/softnet-drops.ts'
import { areaIn, type QuietRunner, runnerFaultsOf, without } from '../../support/runner-facts.ts'

test('dropped packets are noted', () => {
  const faults = runnerFaultsOf(check, (runner) => {
    Object.assign(areaIn(runner, 'pressure'), { softnetDropped: 17, softnetSqueezed: 3 })
  })
  expect(faults).toEqual([
    {
      subject: 'softnet',
      severity: 'note',
      message: '17 packets dropped while we looked',
      evidence: ['time ran out 3 times with packets left'],
    },
  ])
})

test.each<QuietRunner>([
  ['a runner in order', () => {}],
  [
    'time that ran out without a loss',
    (runner) => {
      areaIn(runner, 'pressure').softnetSqueezed = 9
    },
  ],
  ['counters that were not seen', without('pressure')],
])('%s drops nothing', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
