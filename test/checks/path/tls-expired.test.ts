import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-expired.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a certificate that was accepted is valid today', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many requests meet an expired certificate, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('tls-expired'))).toEqual(failureFindings('tls-expired'))
  expect(check.group).toBe('path')
})

test('another trouble is no expired certificate', () => {
  const telling = otherFailures('tls-expired').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
