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

test('an image that was seen is neither denied nor missing', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many objects are not shown to strangers, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('denied-or-missing'))).toEqual(failureFindings('denied-or-missing'))
  expect(check.group).toBe('registry')
})

test('a catalog that may not be read is told as that', () => {
  const faults = faultsOf(check, (facts) => {
    facts.registry.catalog = { registry, listed: unseen('denied-or-missing'), empty: [], unread: [] }
  })
  expect(faults).toEqual([])
})

test('another trouble is told as that', () => {
  const telling = otherFailures('denied-or-missing').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
