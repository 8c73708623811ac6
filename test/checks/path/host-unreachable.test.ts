import { expect, test } from 'vitest'
import check from '../../../src/checks/path/host-unreachable.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('there is a route to a host that answers', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many objects lie behind a missing route, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('host-unreachable'))).toEqual(failureFindings('host-unreachable'))
  expect(check.group).toBe('path')
})

test('another trouble is no missing route', () => {
  const telling = otherFailures('host-unreachable').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
