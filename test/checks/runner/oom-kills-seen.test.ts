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

test('kills while we looked are counted', () => {
  const faults = runnerFaultsOf(check, (runner) => {
    areaIn(runner, 'pressure').oomKills = 2
  })
  expect(faults).toMatchObject([{ severity: 'warning', message: '2 processes were killed while we looked' }])
})

test('the kernel log names who was killed', () => {
  expect(runnerFaultsOf(check, withKernelLine('out-of-memory', line))).toEqual([
    {
      subject: 'memory',
      severity: 'warning',
      message: '1 process was killed in the last hour',
      evidence: [`2026-03-01 11:59:00 ${line}`],
    },
  ])
})

test.each<QuietRunner>([
  ['a runner in order', () => {}],
  ['a kill of another day', withKernelLine('out-of-memory', line, 2 * hour)],
  ['other lines of the kernel', withKernelLine('syn-flood', 'TCP: request_sock_TCP: Possible SYN flooding')],
  ['counters that were not seen', without('pressure', 'kernel')],
])('%s tells of no kill', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
