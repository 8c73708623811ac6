import { expect, test } from 'vitest'
import check from '../../../src/checks/path/connection-timeout.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a host that answers is no lost host', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many connections get no answer, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('connection-timeout'))).toEqual(failureFindings('connection-timeout'))
  expect(check.group).toBe('path')
})

test('another trouble is no host that stays silent', () => {
  const telling = otherFailures('connection-timeout').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
