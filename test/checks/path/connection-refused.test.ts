import { expect, test } from 'vitest'
import check from '../../../src/checks/path/connection-refused.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a healthy run has no finding', () => {
  expect(faultsOf(check)).toEqual([])
})

test('one finding per host, however many objects could not be verified', () => {
  expect(faultsOf(check, withFailures('connection-refused'))).toEqual(failureFindings('connection-refused'))
  expect(check.group).toBe('path')
})

test('other failures are not reported', () => {
  const reported = otherFailures('connection-refused').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(reported).toEqual([])
})
