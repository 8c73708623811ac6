import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-unreferenced-data.ts'
import { faultsOfMade, madeImage } from '../../support/storage/storage-facts.ts'

test('data that nothing names is noted with its size', () => {
  const digest = `sha256:${'b'.repeat(64)}`
  expect(faultsOfMade(check, (_, { data }) => data.set(digest, Buffer.alloc(2048)))).toMatchObject([
    { subject: '/var/lib/registry', severity: 'note', message: '1 blob of 2.0 KiB', evidence: [digest] },
  ])
})

test('the blobs of a manifest that lost its link are still named', () => {
  const faults = faultsOfMade(check, ({ revisions, layers }) => {
    revisions.delete(madeImage.arm64.manifest.digest)
    for (const { digest } of madeImage.arm64.blobs) layers.delete(digest)
  })
  expect(faults).toEqual([])
})
