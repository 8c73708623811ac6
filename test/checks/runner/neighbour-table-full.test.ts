import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/neighbour-table-full.ts'
import {
  allOf,
  hour,
  type QuietRunner,
  runnerFaultsOf,
  withKernelLine,
  without,
} from '../../support/runner-facts.ts'

const line = 'neighbour: arp_cache: neighbor table overflow!'

test('lines of the kernel log are reported with the time of the last', () => {
  const change = allOf(
    withKernelLine('neighbour-overflow', line, hour / 2),
    withKernelLine('neighbour-overflow', line),
  )
  expect(runnerFaultsOf(check, change)).toEqual([
    {
      subject: 'kernel',
      severity: 'error',
      message: 'the table overflowed, last logged 2026-03-01 11:59:00 UTC',
      evidence: [line, line],
    },
  ])
})

test('a line counts for one hour', () => {
  expect(runnerFaultsOf(check, withKernelLine('neighbour-overflow', line, hour))).toHaveLength(1)
  expect(runnerFaultsOf(check, withKernelLine('neighbour-overflow', line, hour + 1))).toEqual([])
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  ['an old line', withKernelLine('neighbour-overflow', line, 2 * hour)],
  ['other lines of the kernel log', withKernelLine('out-of-memory', 'Out of memory: Killed process 1')],
  ['a kernel log that was not observed', without('kernel')],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
