import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/auth-challenge-missing.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a registry that serves the image lacks no challenge', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many 401 come without a challenge, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('auth-challenge-missing'))).toEqual(
    failureFindings('auth-challenge-missing'),
  )
  expect(check.group).toBe('registry')
})

test('another trouble is no missing challenge', () => {
  const telling = otherFailures('auth-challenge-missing').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
