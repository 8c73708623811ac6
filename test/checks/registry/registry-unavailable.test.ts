import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/registry-unavailable.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a healthy run has no finding', () => {
  expect(faultsOf(check)).toEqual([])
})

test('one finding per host, however many objects could not be verified', () => {
  expect(faultsOf(check, withFailures('registry-unavailable'))).toEqual(
    failureFindings('registry-unavailable'),
  )
  expect(check.group).toBe('registry')
})

test('other failures are not reported', () => {
  const reported = otherFailures('registry-unavailable').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(reported).toEqual([])
})
