import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-untrusted.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a certificate that was accepted is trusted', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many requests meet an unknown issuer, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('tls-untrusted'))).toEqual(failureFindings('tls-untrusted'))
  expect(check.group).toBe('path')
})

test('another trouble is no unknown issuer', () => {
  const telling = otherFailures('tls-untrusted').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
