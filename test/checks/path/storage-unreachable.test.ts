import { expect, test } from 'vitest'
import check from '../../../src/checks/path/storage-unreachable.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a storage that serves every blob is reached', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many blobs lie on a lost storage, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('storage-unreachable'))).toEqual(failureFindings('storage-unreachable'))
  expect(check.group).toBe('path')
})

test('another trouble is no lost storage', () => {
  const telling = otherFailures('storage-unreachable').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
