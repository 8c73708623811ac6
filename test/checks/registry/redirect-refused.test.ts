import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/redirect-refused.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a walk without redirects has none to refuse', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many redirects are refused, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('redirect-refused'))).toEqual(failureFindings('redirect-refused'))
  expect(check.group).toBe('registry')
})

test('another trouble is no refused redirect', () => {
  const telling = otherFailures('redirect-refused').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
