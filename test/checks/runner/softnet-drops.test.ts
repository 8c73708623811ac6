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
      message: '17 packets dropped during the inspection',
      evidence: ['the time budget ran out 3 times with packets left'],
    },
  ])
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  [
    'a time budget that ran out without a drop',
    (runner) => {
      areaIn(runner, 'pressure').softnetSqueezed = 9
    },
  ],
  ['counters that were not observed', without('pressure')],
])('%s: no drop', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
