import { expect, test } from 'vitest'
import check from '../../../src/checks/path/name-not-resolved.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a host that answers has a name that resolves', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however often a name does not resolve, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('name-not-resolved'))).toEqual(failureFindings('name-not-resolved'))
  expect(check.group).toBe('path')
})

test('another trouble is no name that does not resolve', () => {
  const telling = otherFailures('name-not-resolved').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
