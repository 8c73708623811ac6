import { expect, test } from 'vitest'
import check from '../../../src/checks/path/connection-refused.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a host that answers listens', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many connections are refused, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('connection-refused'))).toEqual(failureFindings('connection-refused'))
  expect(check.group).toBe('path')
})

test('another trouble is no refused connection', () => {
  const telling = otherFailures('connection-refused').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
