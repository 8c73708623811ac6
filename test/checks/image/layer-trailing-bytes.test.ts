import { expect, test } from 'vitest'
import check from '../../../src/checks/image/layer-trailing-bytes.ts'
import type { BlobFact } from '../../../src/facts/image.ts'
import {
  about,
  all,
  type BlobName,
  blobIn,
  type Change,
  faultsOf,
  proven,
  type Quiet,
  repository,
  withBlob,
} from '../../support/facts.ts'

const unpacked = (name: BlobName, found: Partial<NonNullable<BlobFact['unpacked']>>): Change =>
  all(withBlob(name, proven('whole')), (facts) => {
    blobIn(facts, name).unpacked = { compression: 'gzip', trailingBytes: 0, archive: 'readable', ...found }
  })

test('bytes after the gzip stream are found, with the words of the clients', () => {
  expect(faultsOf(check, unpacked('amd64 layer', { trailingBytes: 512 }))).toEqual([
    {
      ...about('amd64 layer', 'linux/amd64'),
      severity: 'error',
      message: 'layers[1]: 512 bytes after the end of the gzip stream',
      because:
        'Pulls fail in containerd and Docker with the containerd image store and Docker with the classic image store and podman with “gzip: invalid header”.',
      cause: repository,
    },
  ])
})

test.each<Quiet>([
  ['a layer of which nothing is left is quiet', unpacked('amd64 layer', {})],
  ['an attestation is not unpacked', unpacked('amd64 provenance', { trailingBytes: 512 })],
  [
    'a layer that was not read to its end has findings of its own',
    all(unpacked('amd64 layer', { trailingBytes: 512 }), withBlob('amd64 layer', proven('last-byte'))),
  ],
])('%s', (_, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
