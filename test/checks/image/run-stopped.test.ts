import { expect, test } from 'vitest'
import check from '../../../src/checks/image/run-stopped.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a run that inspected everything completed', () => {
  expect(faultsOf(check)).toEqual([])
})

test('everything that a stopped run left out is one note per host', () => {
  expect(faultsOf(check, withFailures('run-stopped'))).toEqual(failureFindings('run-stopped', 'note'))
  expect(check.group).toBe('image')
})

test('another failure is not a stopped run', () => {
  const telling = otherFailures('run-stopped').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
