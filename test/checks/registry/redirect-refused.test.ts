import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/redirect-refused.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a healthy run has no finding', () => {
  expect(faultsOf(check)).toEqual([])
})

test('one finding per host, however many objects could not be verified', () => {
  expect(faultsOf(check, withFailures('redirect-refused'))).toEqual(failureFindings('redirect-refused'))
  expect(check.group).toBe('registry')
})

test('other failures are not reported', () => {
  const reported = otherFailures('redirect-refused').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(reported).toEqual([])
})
