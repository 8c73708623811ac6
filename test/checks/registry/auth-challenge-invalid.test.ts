import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/auth-challenge-invalid.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a registry that serves the image has no bad challenge', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many objects ask for an impossible login, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('auth-challenge-invalid'))).toEqual(
    failureFindings('auth-challenge-invalid'),
  )
  expect(check.group).toBe('registry')
})

test('another trouble is no bad challenge', () => {
  const telling = otherFailures('auth-challenge-invalid').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
