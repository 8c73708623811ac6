import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/tls-client-certificate.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a healthy run has no finding', () => {
  expect(faultsOf(check)).toEqual([])
})

test('one finding per host, however many objects could not be verified', () => {
  expect(faultsOf(check, withFailures('tls-client-certificate'))).toEqual(
    failureFindings('tls-client-certificate'),
  )
  expect(check.group).toBe('registry')
})

test('other failures are not reported', () => {
  const reported = otherFailures('tls-client-certificate').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(reported).toEqual([])
})
