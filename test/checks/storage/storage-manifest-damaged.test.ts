import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-manifest-damaged.ts'
import { faultsOfMade, type MadeChange, madeImage } from '../../support/storage/storage-facts.ts'

const { arm64, index } = madeImage

test.each<[string, MadeChange, string]>([
  [
    'truncated',
    (_, { sizes, hashed }) => {
      sizes.set(arm64.manifest.digest, 20)
      hashed.set(arm64.manifest.digest, 'corrupt')
    },
    `has 20 of ${arm64.manifest.bytes.length} bytes`,
  ],
  ['corrupt', (_, { hashed }) => hashed.set(arm64.manifest.digest, 'corrupt'), 'do not match its digest'],
])('a child that is %s is moved away before the push', (_, change, message) => {
  expect(faultsOfMade(check, change)).toMatchObject([
    {
      ...{ subject: `app@${arm64.manifest.digest}`, severity: 'error', platforms: ['linux/arm64'] },
      message: expect.stringContaining(message),
      commands: [expect.stringMatching(/^mv /), 'docker restart registry'],
    },
  ])
})

test('an index that is no valid manifest', () => {
  const faults = faultsOfMade(check, (_, { data }) => data.set(index.manifest.digest, Buffer.from('{}')))
  expect(faults).toMatchObject([
    {
      subject: `app@${index.manifest.digest}`,
      message: 'this manifest is no valid manifest: its schemaVersion is undefined',
    },
  ])
})

test('a manifest that is gone is another finding', () => {
  expect(faultsOfMade(check, (_, { data }) => data.delete(arm64.manifest.digest))).toEqual([])
})
