import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/token-response-invalid.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a token that opens everything was a valid answer', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however often the token server gives no token, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('token-response-invalid'))).toEqual(
    failureFindings('token-response-invalid'),
  )
  expect(check.group).toBe('registry')
})

test('another trouble is no answer without a token', () => {
  const telling = otherFailures('token-response-invalid').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
