import { expect, test } from 'vitest'
import check from '../../../src/checks/path/storage-unreachable.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a storage that serves every blob is reached', () => {
  expect(told(check)).toEqual([])
})

test('however many blobs lie on a lost storage, it is one finding a host', () => {
  expect(told(check, troubled('storage-unreachable'))).toEqual(troubleFindings('storage-unreachable'))
  expect(check.group).toBe('path')
})

test('another trouble is no lost storage', () => {
  const telling = otherTroubles('storage-unreachable').filter(
    (kind) => told(check, troubled(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
