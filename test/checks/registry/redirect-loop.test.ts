import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/redirect-loop.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a walk without redirects goes round in no circle', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many requests go round in a circle, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('redirect-loop'))).toEqual(failureFindings('redirect-loop'))
  expect(check.group).toBe('registry')
})

test('another trouble is no circle', () => {
  const telling = otherFailures('redirect-loop').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
