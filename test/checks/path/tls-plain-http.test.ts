import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-plain-http.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a host that was spoken to over TLS is no plain one', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many requests meet plain HTTP, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('tls-plain-http'))).toEqual(failureFindings('tls-plain-http'))
  expect(check.group).toBe('path')
})

test('another trouble is no plain HTTP', () => {
  const telling = otherFailures('tls-plain-http').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
