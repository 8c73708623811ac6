import { expect, test } from 'vitest'
import check from '../../../src/checks/path/connection-cut.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('downloads that end are not broken off', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many connections break off, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('connection-cut'))).toEqual(failureFindings('connection-cut'))
  expect(check.group).toBe('path')
})

test('another trouble is no broken connection', () => {
  const telling = otherFailures('connection-cut').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
