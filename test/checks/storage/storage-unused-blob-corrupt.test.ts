import { expect, test } from 'vitest'
import needed from '../../../src/checks/storage/storage-blob-corrupt.ts'
import check from '../../../src/checks/storage/storage-unused-blob-corrupt.ts'
import { digestOf } from '../../support/facts.ts'
import { faultsOfMade, madeImage } from '../../support/storage/storage-facts.ts'

const { config, layers } = madeImage.amd64

test('a corrupt blob that no image needs is a warning, with what keeps a push from relying on it', () => {
  const spare = digestOf('spare')
  const faults = faultsOfMade(check, (_, { data, hashed }) => {
    data.set(spare, Buffer.alloc(2048))
    hashed.set(spare, 'corrupt')
  })
  expect(faults).toMatchObject([
    {
      ...{ subject: spare, severity: 'warning', message: 'its 2.0 KiB do not match its digest' },
      title: 'Corrupt unused blobs: the bytes of 1 blob that no image needs have changed on disk.',
      commands: [expect.stringMatching(/^mv .*data .*data\.damaged$/), 'docker restart registry'],
    },
  ])
})

test('a sound one, and a corrupt one that an image needs, are none', () => {
  for (const digest of [config.digest, layers[0]?.digest ?? '', madeImage.amd64.manifest.digest]) {
    expect(faultsOfMade(check, (_, { hashed }) => hashed.set(digest, 'corrupt'))).toEqual([])
    expect(faultsOfMade(check, (_, { hashed }) => hashed.set(digest, 'sound'))).toEqual([])
  }
  expect(faultsOfMade(needed, (_, { hashed }) => hashed.set(config.digest, 'corrupt'))).toHaveLength(1)
})
