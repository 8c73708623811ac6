import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/conntrack-near-full.ts'
import {
  allOf,
  hour,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  shown,
  withKernelLine,
  without,
} from '../../support/runner-facts.ts'

const counted =
  (count: number, drops = 0): RunnerChange =>
  (runner) => {
    runner.conntrack = shown({ count, max: 1000, drops })
  }
const line = 'nf_conntrack: nf_conntrack: table full, dropping packet'

test('three quarters are a warning', () => {
  expect(runnerFaultsOf(check, counted(750))).toEqual([
    { subject: 'nf_conntrack', severity: 'warning', message: '750 of 1000 entries in use', evidence: [] },
  ])
})

test('nine tenths are an error, with what was dropped', () => {
  expect(runnerFaultsOf(check, counted(990, 12))).toMatchObject([
    { severity: 'error', evidence: ['12 packets dropped while we looked'] },
  ])
})

test('the kernel’s own word counts, whatever the table holds now', () => {
  expect(runnerFaultsOf(check, allOf(counted(100), withKernelLine('conntrack-full', line)))).toMatchObject([
    { severity: 'error', message: '100 of 1000 entries in use', evidence: [line] },
  ])
  expect(
    runnerFaultsOf(check, allOf(without('conntrack'), withKernelLine('conntrack-full', line))),
  ).toMatchObject([{ message: 'the kernel says that the table is full' }])
})

test.each<QuietRunner>([
  ['a table with room', () => {}],
  ['packets that were dropped for another reason', counted(100, 12)],
  [
    'a kernel that does not count',
    (runner) => {
      runner.conntrack = shown({ count: 0, max: 0 })
    },
  ],
  ['a line of an hour ago', withKernelLine('conntrack-full', line, hour)],
  ['a table that was not seen', without('conntrack')],
])('%s is not near full', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
