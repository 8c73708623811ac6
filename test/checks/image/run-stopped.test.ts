import { expect, test } from 'vitest'
import check from '../../../src/checks/image/run-stopped.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a run that saw everything came to its end', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however much a stopped run left out, it is one note a host', () => {
  expect(faultsOf(check, withFailures('run-stopped'))).toEqual(failureFindings('run-stopped', 'note'))
  expect(check.group).toBe('image')
})

test('another trouble is no stopped run', () => {
  const telling = otherFailures('run-stopped').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
