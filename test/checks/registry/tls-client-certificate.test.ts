import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/tls-client-certificate.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a registry that was spoken to wants no other client certificate', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many connections want one, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('tls-client-certificate'))).toEqual(
    failureFindings('tls-client-certificate'),
  )
  expect(check.group).toBe('registry')
})

test('another trouble is no client certificate', () => {
  const telling = otherFailures('tls-client-certificate').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
