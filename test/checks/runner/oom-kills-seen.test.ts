import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/oom-kills-seen.ts'
import {
  areaIn,
  hour,
  type QuietRunner,
  runnerFaultsOf,
  withKernelLine,
  without,
} from '../../support/runner-facts.ts'

const line = 'Out of memory: Killed process 4711 (node) total-vm:9437184kB'

test('kills during the inspection are counted', () => {
  const faults = runnerFaultsOf(check, (runner) => {
    areaIn(runner, 'pressure').oomKills = 2
  })
  expect(faults).toMatchObject([
    { severity: 'warning', message: '2 processes were killed during the inspection' },
  ])
})

test('the kernel log names the killed process', () => {
  expect(runnerFaultsOf(check, withKernelLine('out-of-memory', line))).toEqual([
    {
      subject: 'memory',
      severity: 'warning',
      message: '1 process was killed in the last hour',
      evidence: [`2026-03-01 11:59:00 UTC ${line}`],
    },
  ])
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  ['an old kill', withKernelLine('out-of-memory', line, 2 * hour)],
  [
    'other lines of the kernel log',
    withKernelLine('syn-flood', 'TCP: request_sock_TCP: Possible SYN flooding'),
  ],
  ['counters that were not observed', without('pressure', 'kernel')],
])('%s: no kill', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
