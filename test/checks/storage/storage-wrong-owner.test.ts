import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-wrong-owner.ts'
import { digestOf } from '../../support/facts.ts'
import { faultsOfStorage, layoutIn } from '../../support/storage/storage-facts.ts'

test('files that only another user may read are given to the owner of the rest', () => {
  const faults = faultsOfStorage(check, (storage) => {
    layoutIn(storage).wrongOwner = {
      owner: 1000,
      files: [{ kind: 'data', uid: 0, count: 3, first: [digestOf('layer')] }],
    }
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

test('links and folders have commands of their own', () => {
  const faults = faultsOfStorage(check, (storage) => {
    const first = ['repositories/app/_layers']
    layoutIn(storage).wrongOwner = {
      owner: 1000,
      files: (['link', 'folder'] as const).map((kind) => ({ kind, uid: 0, count: 1, first })),
    }
  })
  const base = '/var/lib/registry/docker/registry/v2'
  expect(faults).toMatchObject([
    {
      message: '1 link of user 0, who alone may read it; most others belong to user 1000',
      commands: [`find ${base}/repositories -name link -user 0 ! -perm /044 -exec chown 1000 {} +`],
    },
    {
      message: expect.stringMatching(/^1 folder of user 0/),
      commands: [`find ${base} -type d -user 0 ! -perm -050 ! -perm -005 -exec chown 1000 {} +`],
    },
  ])
})
