import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/netdev-leak.ts'
import {
  allOf,
  hour,
  type QuietRunner,
  runnerFaultsOf,
  withKernelLine,
  without,
} from '../../support/runner-facts.ts'

const line = 'unregister_netdevice: waiting for veth6dfa6c4 to become free. Usage count = 1'

test('lines of the kernel log are reported with the time of the last', () => {
  const change = allOf(withKernelLine('netdev-leak', line, hour / 2), withKernelLine('netdev-leak', line))
  expect(runnerFaultsOf(check, change)).toEqual([
    {
      subject: 'kernel',
      severity: 'warning',
      message: 'waiting for an interface to become free, last logged 2026-03-01 11:59:00 UTC',
      evidence: [line, line],
    },
  ])
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  ['an old line', withKernelLine('netdev-leak', line, 2 * hour)],
  ['other lines of the kernel log', withKernelLine('out-of-memory', 'Out of memory: Killed process 1')],
  ['a kernel log that was not observed', without('kernel')],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
