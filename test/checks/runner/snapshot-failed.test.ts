import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/snapshot-failed.ts'
import { runnerFaultsOf } from '../../support/runner-facts.ts'

test('a snapshot that was asked for and failed is told, with why', () => {
  const why = 'POST /containers/create: 403 from a proxy before the socket'
  const faults = runnerFaultsOf(check, ({ vantage }) => {
    vantage.snapshotFailed = why
  })
  expect(faults).toEqual([{ subject: 'host_snapshot', severity: 'warning', message: why }])
})

test('a runner that was looked at as it was meant to be says nothing', () => {
  expect(runnerFaultsOf(check)).toEqual([])
})
