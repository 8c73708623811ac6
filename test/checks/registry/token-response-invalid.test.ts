import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/token-response-invalid.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a healthy run has no finding', () => {
  expect(faultsOf(check)).toEqual([])
})

test('one finding per host, however many objects could not be verified', () => {
  expect(faultsOf(check, withFailures('token-response-invalid'))).toEqual(
    failureFindings('token-response-invalid'),
  )
  expect(check.group).toBe('registry')
})

test('other failures are not reported', () => {
  const reported = otherFailures('token-response-invalid').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(reported).toEqual([])
})
