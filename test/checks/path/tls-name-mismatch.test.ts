import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-name-mismatch.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a certificate that was accepted is for the right name', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many requests meet another name, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('tls-name-mismatch'))).toEqual(failureFindings('tls-name-mismatch'))
  expect(check.group).toBe('path')
})

test('another trouble is no wrong name', () => {
  const telling = otherFailures('tls-name-mismatch').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
