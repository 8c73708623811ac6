import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/token-server-unreachable.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a token server that gave a token is reached', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however often the token server stays away, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('token-server-unreachable'))).toEqual(
    failureFindings('token-server-unreachable'),
  )
  expect(check.group).toBe('registry')
})

test('another trouble is no token server that stays away', () => {
  const telling = otherFailures('token-server-unreachable').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
