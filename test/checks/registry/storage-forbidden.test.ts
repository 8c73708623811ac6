import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/storage-forbidden.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a storage that serves every blob forbids nothing', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many blobs the storage refuses, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('storage-forbidden'))).toEqual(failureFindings('storage-forbidden'))
  expect(check.group).toBe('registry')
})

test('another trouble is no refusal of the storage', () => {
  const telling = otherFailures('storage-forbidden').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
