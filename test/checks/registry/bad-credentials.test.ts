import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/bad-credentials.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a login that pulls everything is accepted', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however often the login is refused, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('bad-credentials'))).toEqual(failureFindings('bad-credentials'))
  expect(check.group).toBe('registry')
})

test('another trouble is no refused login', () => {
  const telling = otherFailures('bad-credentials').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
