import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/snapshot-failed.ts'
import { runnerFaultsOf } from '../../support/runner-facts.ts'

test('a requested snapshot that failed is reported with the reason', () => {
  const why = 'POST /containers/create: 403 from a proxy in front of the socket'
  const faults = runnerFaultsOf(check, ({ vantage }) => {
    vantage.snapshotFailed = why
  })
  expect(faults).toEqual([{ subject: 'host_snapshot', severity: 'warning', message: why }])
})

test('a runner that was inspected as requested has no finding', () => {
  expect(runnerFaultsOf(check)).toEqual([])
})
