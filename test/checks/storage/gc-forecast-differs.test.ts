import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/gc-forecast-differs.ts'
import type { DryRunComparison } from '../../../src/facts/storage/forecast.ts'
import { faultsOfStorage } from '../../support/storage/storage-facts.ts'

const faultsOf = (dryRun: DryRunComparison) =>
  faultsOfStorage(
    check,
    (storage) => {
      storage.forecast = { runs: [], dryRun }
    },
    { forecast_check: 'dry-run.txt', storage: '/var/lib/registry' },
  )
const none = { first: [], total: 0 }
const compared = {
  state: 'compared',
  version: '3',
  deleteUntagged: true,
  same: 7,
  onlyDryRun: none,
  onlyForecast: none,
} as const

test('agreement is no finding', () => {
  expect(faultsOf(compared)).toEqual([])
})

test('differences are named, and where', () => {
  const blob = 'blob sha256:0123'
  expect(faultsOf({ ...compared, onlyDryRun: { first: [blob], total: 1 } })).toMatchObject([
    {
      ...{ subject: 'dry-run.txt', severity: 'warning' },
      message:
        'compared with registry 3 with --delete-untagged: 7 deletions in both, 1 only in the dry run, 0 only in the forecast',
      evidence: [`only in the dry run: ${blob}`],
    },
  ])
})

test('a text that is no dry run cannot be compared', () => {
  expect(faultsOf({ state: 'unusable', why: 'it is empty' })).toMatchObject([
    { message: 'it is empty', title: 'The dry run cannot be compared with the forecast.' },
  ])
})
