import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/token-server-unreachable.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a healthy run has no finding', () => {
  expect(faultsOf(check)).toEqual([])
})

test('one finding per host, however many objects could not be verified', () => {
  expect(faultsOf(check, withFailures('token-server-unreachable'))).toEqual(
    failureFindings('token-server-unreachable'),
  )
  expect(check.group).toBe('registry')
})

test('other failures are not reported', () => {
  const reported = otherFailures('token-server-unreachable').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(reported).toEqual([])
})
