import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-failed.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a host that was spoken to over TLS has no failed handshake', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many handshakes fail, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('tls-failed'))).toEqual(failureFindings('tls-failed'))
  expect(check.group).toBe('path')
})

test('another trouble is no failed handshake', () => {
  const telling = otherFailures('tls-failed').filter((kind) => faultsOf(check, withFailures(kind)).length > 0)
  expect(telling).toEqual([])
})
