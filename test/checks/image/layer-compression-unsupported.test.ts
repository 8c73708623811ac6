import { expect, test } from 'vitest'
import check from '../../../src/checks/image/layer-compression-unsupported.ts'
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

const typed =
  (name: BlobName, mediaType: string, size?: number): Change =>
  (facts) => {
    const blob = blobIn(facts, name)
    blob.descriptor = { ...blob.descriptor, mediaType, size: size ?? blob.descriptor.size }
  }
const plainType = 'application/vnd.oci.image.layer.v1.tar'

test.each(['xz', 'bzip2'] as const)('%s is found under any type', (compression) => {
  const [fault] = faultsOf(check, unpacked('amd64 layer', { compression }))
  expect(fault).toMatchObject({
    ...about('amd64 layer', 'linux/amd64'),
    message: `layers[1]: compressed with ${compression}, media type ${plainType}+gzip`,
    because:
      'Pulls fail in containerd and Docker with the containerd image store with “archive/tar: invalid tar header”.',
    cause: `${repository} ${compression}`,
  })
})

test.each([
  [2048, '“archive/tar: invalid tar header”'],
  [512, '“archive/tar: invalid tar header”'],
  [511, '“unexpected EOF”'],
])('gzip of %i bytes under the type of a plain archive is found: containerd says %s', (size, words) => {
  const change = all(unpacked('amd64 layer', {}), typed('amd64 layer', plainType, size))
  expect(faultsOf(check, change).map(({ because }) => because?.includes(words))).toEqual([true])
})

test.each<Quiet>([
  ['gzip under its type is quiet', unpacked('amd64 layer', {})],
  ['zstd under the type of gzip is quiet', unpacked('amd64 layer', { compression: 'zstd' })],
  [
    'a plain archive under its type is quiet',
    all(unpacked('amd64 layer', { compression: 'none' }), typed('amd64 layer', plainType)),
  ],
  [
    'gzip under the plain type of Docker is recognised',
    all(unpacked('amd64 layer', {}), typed('amd64 layer', 'application/vnd.docker.image.rootfs.diff.tar')),
  ],
])('%s', (_, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
