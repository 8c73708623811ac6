import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/denied-or-missing.ts'
import {
  failureFindings,
  faultsOf,
  otherFailures,
  registry,
  unseen,
  withFailures,
} from '../../support/facts.ts'

test('a healthy run has no finding', () => {
  expect(faultsOf(check)).toEqual([])
})

test('one finding per host, however many objects could not be verified', () => {
  expect(faultsOf(check, withFailures('denied-or-missing'))).toEqual(failureFindings('denied-or-missing'))
  expect(check.group).toBe('registry')
})

test('a catalog that may not be read is left to catalog-inaccessible', () => {
  const faults = faultsOf(check, (facts) => {
    facts.registry.catalog = { registry, listed: unseen('denied-or-missing'), empty: [], unread: [] }
  })
  expect(faults).toEqual([])
})

test('other failures are not reported', () => {
  const reported = otherFailures('denied-or-missing').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(reported).toEqual([])
})
