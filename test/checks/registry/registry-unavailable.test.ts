import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/registry-unavailable.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a registry that serves the image is up', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many server errors come, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('registry-unavailable'))).toEqual(
    failureFindings('registry-unavailable'),
  )
  expect(check.group).toBe('registry')
})

test('another trouble is no registry that is down', () => {
  const telling = otherFailures('registry-unavailable').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
