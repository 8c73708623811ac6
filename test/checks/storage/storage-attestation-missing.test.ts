import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-attestation-missing.ts'
import { attestation, contentsOf, index } from '../../../src/fake-registry/images/images.ts'
import { pushTo, repositoryIn } from '../../support/storage/made-storage.ts'
import { faultsOfMade, type MadeChange, madeImage } from '../../support/storage/storage-facts.ts'

const { amd64 } = madeImage
const proof = attestation(amd64)
const attested = (change: MadeChange) =>
  faultsOfMade(check, (_, storage) => {
    pushTo(storage, 'attested', contentsOf(index([amd64, proof])), '1')
    change(repositoryIn(storage, 'attested'), storage)
  })

test('an attestation that is not linked can be written back', () => {
  expect(attested(({ revisions }) => revisions.delete(proof.manifest.digest))).toMatchObject([
    {
      ...{ subject: 'attested:1', severity: 'warning', message: '1 of 1 attestation not served' },
      commands: [expect.stringContaining(proof.manifest.digest)],
    },
  ])
})

test('one that is lost needs a push', () => {
  expect(attested((_, { data }) => data.delete(proof.manifest.digest))).toMatchObject([
    { advice: 'Push again with provenance enabled, if it is needed.', commands: [] },
  ])
})

test('where platforms are lost, too, the orphaned index is enough', () => {
  const both = attested(({ revisions }) => {
    revisions.delete(proof.manifest.digest)
    revisions.delete(amd64.manifest.digest)
  })
  expect(both).toEqual([])
  expect(attested(() => {})).toEqual([])
})
