import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-blob-corrupt.ts'
import { faultsOfMade, madeImage } from '../../support/storage/storage-facts.ts'

const { config, manifest } = madeImage.amd64

test('a blob with other bytes is moved away before the push', () => {
  expect(faultsOfMade(check, (_, { hashed }) => hashed.set(config.digest, 'corrupt'))).toMatchObject([
    {
      ...{ subject: `app@${config.digest}`, severity: 'error' },
      message: 'the bytes of this config do not match its digest',
      title: 'Corrupt blob: app:1 needs a blob whose bytes have changed on disk.',
      commands: [expect.stringMatching(/^mv .*data .*data\.damaged$/), 'docker restart registry'],
    },
  ])
})

test('a sound blob, one of a wrong size, and a corrupt manifest are no corrupt blobs', () => {
  expect(faultsOfMade(check, (_, { hashed }) => hashed.set(config.digest, 'sound'))).toEqual([])
  expect(faultsOfMade(check, (_, { hashed }) => hashed.set(manifest.digest, 'corrupt'))).toEqual([])
  const short = faultsOfMade(check, (_, { hashed, sizes }) => {
    hashed.set(config.digest, 'corrupt')
    sizes.set(config.digest, 1)
  })
  expect(short).toEqual([])
})
