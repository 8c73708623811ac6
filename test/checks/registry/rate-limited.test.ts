import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/rate-limited.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a registry that serves everything limits nothing', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many requests are one too many, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('rate-limited'))).toEqual(failureFindings('rate-limited'))
  expect(check.group).toBe('registry')
})

test('another trouble is no rate limit', () => {
  const telling = otherFailures('rate-limited').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
