import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/storage-forbidden.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a storage that serves every blob forbids nothing', () => {
  expect(told(check)).toEqual([])
})

test('however many blobs the storage refuses, it is one finding a host', () => {
  expect(told(check, troubled('storage-forbidden'))).toEqual(troubleFindings('storage-forbidden'))
  expect(check.group).toBe('registry')
})

test('another trouble is no refusal of the storage', () => {
  const telling = otherTroubles('storage-forbidden').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
