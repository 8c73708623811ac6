import { expect, test } from 'vitest'
import check from '../../../src/checks/path/proxy-failed.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a road that was used is not closed by a proxy', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many requests the proxy stops, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('proxy-failed'))).toEqual(failureFindings('proxy-failed'))
  expect(check.group).toBe('path')
})

test('another trouble is not the proxy’s', () => {
  const telling = otherFailures('proxy-failed').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
