import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/insufficient-scope.ts'
import {
  failureFindings,
  faultsOf,
  otherFailures,
  registry,
  unseen,
  withFailures,
} from '../../support/facts.ts'

test('a login that pulls everything has the scope for it', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many objects the token does not cover, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('insufficient-scope'))).toEqual(failureFindings('insufficient-scope'))
  expect(check.group).toBe('registry')
})

test('a catalog that may not be read is told as that', () => {
  const faults = faultsOf(check, (facts) => {
    facts.registry.catalog = { registry, listed: unseen('insufficient-scope'), empty: [], unread: [] }
  })
  expect(faults).toEqual([])
})

test('another trouble is no scope that is too small', () => {
  const telling = otherFailures('insufficient-scope').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
