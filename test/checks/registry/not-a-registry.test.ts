import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/not-a-registry.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('what serves an image is a registry', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many web pages come instead of an image, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('not-a-registry'))).toEqual(failureFindings('not-a-registry'))
  expect(check.group).toBe('registry')
})

test('another trouble is no web page', () => {
  const telling = otherFailures('not-a-registry').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
