import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-wrong-owner.ts'
import { digestOf } from '../../support/facts.ts'
import { faultsOfStorage, layoutIn } from '../../support/storage/storage-facts.ts'

test('files that only another user may read are given to the owner of the rest', () => {
  const faults = faultsOfStorage(check, (storage) => {
    layoutIn(storage).wrongOwner = { owner: 1000, files: [{ uid: 0, count: 3, first: [digestOf('layer')] }] }
  })
  expect(faults).toMatchObject([
    {
      ...{ subject: 'user 0', severity: 'warning', evidence: [digestOf('layer')] },
      message: '3 data files of user 0, who alone may read them; most others belong to user 1000',
      commands: [
        'find /var/lib/registry/docker/registry/v2/blobs -user 0 ! -perm /044 -exec chown 1000 {} +',
      ],
    },
  ])
  expect(faultsOfStorage(check)).toEqual([])
})
