import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/answer-invalid.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('answers that can be understood are valid', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many answers make no sense, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('answer-invalid'))).toEqual(failureFindings('answer-invalid'))
  expect(check.group).toBe('registry')
})

test('another trouble is no invalid answer', () => {
  const telling = otherFailures('answer-invalid').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
