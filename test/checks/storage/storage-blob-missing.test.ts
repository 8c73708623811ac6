import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-blob-missing.ts'
import { pushTo } from '../../support/storage/made-storage.ts'
import { faultsOfMade, madeImage } from '../../support/storage/storage-facts.ts'

const { amd64, arm64 } = madeImage

test('everything that one image lacks has one cause', () => {
  const faults = faultsOfMade(check, (_, { data }) => {
    for (const { digest } of amd64.blobs) data.delete(digest)
  })
  expect(faults).toHaveLength(3)
  expect(new Set(faults.map(({ cause }) => cause)).size).toBe(1)
  expect(faults[0]).toMatchObject({
    ...{ severity: 'error', platforms: ['linux/amd64'], repository: 'app' },
    title: 'Missing blobs: app:1 needs 3 blobs whose data is gone.',
    advice: expect.stringMatching(/^Build and push again, after a restart/),
    commands: ['docker restart registry'],
  })
  expect(faults.map(({ message }) => message)).toContain('the data of this config is gone')
})

test('a blob of several images is one cause, with a finding for each repository', () => {
  const faults = faultsOfMade(check, (_, storage) => {
    pushTo(storage, 'copy', madeImage.contents, '1')
    storage.data.delete(amd64.config.digest)
  })
  expect(faults.map(({ subject }) => subject)).toEqual([
    `app@${amd64.config.digest}`,
    `copy@${amd64.config.digest}`,
  ])
  expect(faults).toMatchObject([
    { cause: amd64.config.digest, evidence: ['app:1', 'copy:1'] },
    { cause: amd64.config.digest },
  ])
})

test('behind a manifest that is not served nobody asks for blobs', () => {
  const faults = faultsOfMade(check, ({ revisions }, { data }) => {
    revisions.delete(arm64.manifest.digest)
    for (const { digest } of arm64.blobs) data.delete(digest)
  })
  expect(faults).toEqual([])
})
