import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-not-a-registry.ts'
import { faultsOfStorage, storageRoot, unseenStorage } from '../../support/storage/storage-facts.ts'

test('a folder without the layout is named with the reason', () => {
  expect(faultsOfStorage(check, unseenStorage('it is empty', ['storage-mount']))).toEqual([
    { subject: storageRoot, severity: 'error', message: 'it is empty' },
  ])
})

test('a folder nearby that has it is the advice', () => {
  const storage = { ...unseenStorage('it holds neither', ['storage-mount']), instead: '/srv/registry' }
  expect(faultsOfStorage(check, storage)).toMatchObject([
    {
      evidence: ['/srv/registry holds one'],
      advice: 'Name /srv/registry instead, if that is the registry.',
    },
  ])
})

test('a healthy storage has no finding, and what may not be read is left to storage-not-readable', () => {
  expect(faultsOfStorage(check)).toEqual([])
  expect(faultsOfStorage(check, unseenStorage('this user may not read it', ['storage-access']))).toEqual([])
})
