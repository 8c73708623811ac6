import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-hashes-forgotten.ts'
import { faultsOfStorage, withHashes } from '../../support/storage/storage-facts.ts'

test('a state that was lost is a warning, for all that was asked for was hashed', () => {
  expect(faultsOfStorage(check, withHashes({ stateLost: 'the disk is full' }))).toEqual([
    { subject: 'state_dir', severity: 'warning', message: 'the disk is full' },
  ])
})

test('a state that was kept, and hashing without one, have no finding', () => {
  expect(faultsOfStorage(check, withHashes({}))).toEqual([])
  expect(faultsOfStorage(check)).toEqual([])
})
