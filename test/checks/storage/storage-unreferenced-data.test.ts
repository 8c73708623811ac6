import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-unreferenced-data.ts'
import { faultsOfForecast, makeInventory } from '../../support/storage/forecast-inventory.ts'
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

test('where a repository lost its manifests, they may be what nothing names, and are not called useless', () => {
  const made = makeInventory()
  Object.assign(made.repository('team/app', [made.image('image')]), {
    ...{ hasManifests: false, hasRevisions: false, hasTags: false, revisions: [] },
  })
  const [fault] = faultsOfForecast(check, made)
  expect(fault).toMatchObject({
    message: '1 blob of 100 B',
    title:
      'Unreferenced data: blobs that no link and no manifest names. The manifests of team/app may be among them.',
    advice: expect.stringContaining('storage-tags-lost first'),
  })
})
