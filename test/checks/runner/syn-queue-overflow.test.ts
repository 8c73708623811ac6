import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/syn-queue-overflow.ts'
import {
  allOf,
  hour,
  type QuietRunner,
  runnerFaultsOf,
  withKernelLine,
  without,
} from '../../support/runner-facts.ts'

const old = 'TCP: request_sock_TCP: Possible SYN flooding on port 22. Sending cookies.  Check SNMP counters.'
const recent = 'TCP: request_sock_TCP: Possible SYN flooding on port [::]:6443. Sending cookies.'

test('each port is reported with the time of its last line', () => {
  const change = allOf(
    withKernelLine('syn-flood', old, hour / 2),
    withKernelLine('syn-flood', recent),
    withKernelLine('syn-flood', old),
  )
  expect(runnerFaultsOf(check, change)).toEqual([
    {
      subject: 'port 22',
      severity: 'warning',
      message: 'the queue overflowed, last logged 2026-03-01 11:59:00 UTC',
      evidence: [old, old],
      cause: 'overflow',
    },
    expect.objectContaining({ subject: 'port 6443', evidence: [recent] }),
  ])
})

test('a line without a port is reported without one', () => {
  expect(runnerFaultsOf(check, withKernelLine('syn-flood', 'Possible SYN flooding'))).toMatchObject([
    { subject: 'kernel' },
  ])
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  ['an old line', withKernelLine('syn-flood', old, 2 * hour)],
  ['other lines of the kernel log', withKernelLine('out-of-memory', 'Out of memory: Killed process 1')],
  ['a kernel log that was not observed', without('kernel')],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
