import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/conntrack-near-full.ts'
import {
  allOf,
  hour,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  seenArea,
  withKernelLine,
  without,
} from '../../support/runner-facts.ts'

const counted =
  (count: number, drops = 0): RunnerChange =>
  (runner) => {
    runner.conntrack = seenArea({ count, max: 1000, drops })
  }
const line = 'nf_conntrack: nf_conntrack: table full, dropping packet'

test('75 % is a warning', () => {
  expect(runnerFaultsOf(check, counted(750))).toEqual([
    { subject: 'nf_conntrack', severity: 'warning', message: '750 of 1000 entries in use', evidence: [] },
  ])
})

test('90 % is an error, with the number of dropped packets', () => {
  expect(runnerFaultsOf(check, counted(990, 12))).toMatchObject([
    { severity: 'error', evidence: ['12 packets dropped during the inspection'] },
  ])
})

test('a line of the kernel log counts, whatever the table holds now', () => {
  expect(runnerFaultsOf(check, allOf(counted(100), withKernelLine('conntrack-full', line)))).toMatchObject([
    { severity: 'error', message: '100 of 1000 entries in use', evidence: [line] },
  ])
  expect(
    runnerFaultsOf(check, allOf(without('conntrack'), withKernelLine('conntrack-full', line))),
  ).toMatchObject([{ message: 'the kernel log reports a full table' }])
})

test.each<QuietRunner>([
  ['a table with room', () => {}],
  ['packets dropped for another reason', counted(100, 12)],
  [
    'a kernel without the counters',
    (runner) => {
      runner.conntrack = seenArea({ count: 0, max: 0 })
    },
  ],
  ['a line from an hour ago', withKernelLine('conntrack-full', line, hour)],
  ['a table that was not observed', without('conntrack')],
])('%s is not near full', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
