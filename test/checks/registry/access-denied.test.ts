import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/access-denied.ts'
import {
  failureFindings,
  faultsOf,
  otherFailures,
  registry,
  unseen,
  withFailures,
} from '../../support/facts.ts'

test('an image that this login may pull is not denied', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many objects are denied, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('access-denied'))).toEqual(failureFindings('access-denied'))
  expect(check.group).toBe('registry')
})

test('a catalog that may not be read is told as that, not as an image that may not be pulled', () => {
  const faults = faultsOf(check, (facts) => {
    facts.registry.catalog = { registry, listed: unseen('access-denied'), empty: [], unread: [] }
  })
  expect(faults).toEqual([])
})

test('another trouble is no denial', () => {
  const telling = otherFailures('access-denied').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
