import { expect, test } from 'vitest'
import check from '../../../src/checks/path/answer-timeout.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('hosts that answer are in time', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many answers stay out, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('answer-timeout'))).toEqual(failureFindings('answer-timeout'))
  expect(check.group).toBe('path')
})

test('another trouble is no answer that stays out', () => {
  const telling = otherFailures('answer-timeout').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
