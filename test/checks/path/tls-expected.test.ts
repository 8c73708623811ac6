import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-expected.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a server that answers was asked as it speaks', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many requests come in plain http, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('tls-expected'))).toEqual(failureFindings('tls-expected'))
  expect(check.group).toBe('path')
})

test('another trouble is no TLS that was expected', () => {
  const telling = otherFailures('tls-expected').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
