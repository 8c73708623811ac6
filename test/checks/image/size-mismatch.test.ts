import { expect, test } from 'vitest'
import check from '../../../src/checks/image/size-mismatch.ts'
import {
  about,
  absent,
  all,
  altered,
  type BlobName,
  blobIn,
  type Change,
  cut,
  digestOf,
  faultsOf,
  length,
  type ManifestName,
  manifestIn,
  type Quiet,
  repository,
  unseen,
  withBlob,
  withManifest,
} from '../../support/facts.ts'

const manifestSays =
  (name: ManifestName, sizeBytes: number): Change =>
  (facts) => {
    for (const use of manifestIn(facts, name).uses) use.sizeBytes = sizeBytes
  }
/** Changes the size that the last use of a blob states. */
const blobSays =
  (name: BlobName, sizeBytes: number): Change =>
  (facts) => {
    const use = blobIn(facts, name).uses.at(-1)
    if (use) use.sizeBytes = sizeBytes
  }

test('an index that states a wrong size for a child is an error', () => {
  expect(faultsOf(check, manifestSays('arm64', 1199))).toEqual([
    {
      ...about('arm64', 'linux/arm64'),
      severity: 'error',
      message: `wrong size for manifests[1] of ${digestOf('index')}`,
      expected: '1200 bytes of content',
      actual: '1199 bytes in the manifest',
      cause: `${repository}@${digestOf('index')}`,
    },
  ])
})

test('only the image that states a wrong size for a shared layer is at fault', () => {
  expect(faultsOf(check, blobSays('base layer', 7))).toEqual([
    {
      ...about('base layer', 'linux/amd64', 'linux/arm64'),
      severity: 'error',
      message: `wrong size for layers[0] of ${digestOf('arm64')}`,
      expected: '31457280 bytes of content',
      actual: '7 bytes in the manifest',
      cause: `${repository}@${digestOf('arm64')}`,
    },
  ])
})

test.each([
  ['a shorter blob with the right digest has a wrong size in the manifest', length(2047, true), 2047],
  ['a longer blob with the right digest has a wrong size in the manifest', length(2049, true), 2049],
  [
    'a longer blob that was too large to hash has a wrong size in the manifest',
    length(2049, undefined),
    2049,
  ],
] as const)('%s', (_sentence, observed, size) => {
  expect(faultsOf(check, withBlob('amd64 layer', observed))).toMatchObject([
    {
      ...about('amd64 layer', 'linux/amd64'),
      message: `wrong size for layers[1] of ${digestOf('amd64')}`,
      expected: `${size} bytes of content`,
      actual: '2048 bytes in the manifest',
    },
  ])
})

test.each<[string, Change]>([
  ['a wrong size for an attestation is a warning', manifestSays('amd64 attestation', 3)],
  ['a wrong size for provenance is a warning', withBlob('amd64 provenance', length(3, true))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toMatchObject([{ severity: 'warning', platforms: ['attestation'] }])
})

test.each<Quiet>([
  ['correct sizes are not a fault', () => {}],
  ['a shorter blob with another digest is truncated', withBlob('amd64 layer', length(2047, false))],
  [
    'a shorter blob that was too large to hash is truncated',
    withBlob('amd64 layer', length(2047, undefined)),
  ],
  ['a longer blob with another digest is corrupt', withBlob('amd64 layer', length(2049, false))],
  ['an empty blob is empty', withBlob('amd64 layer', length(0, false))],
  [
    'a download that ends early has no known size',
    all(blobSays('amd64 layer', 3), withBlob('amd64 layer', cut(3))),
  ],
  [
    'a blob with other bytes has no known size',
    all(blobSays('amd64 layer', 3), withBlob('amd64 layer', altered())),
  ],
  ['a missing blob has no size', all(blobSays('amd64 layer', 3), withBlob('amd64 layer', absent()))],
  [
    'a blob that was not observed has no size',
    all(blobSays('amd64 layer', 3), withBlob('amd64 layer', unseen('rate-limited'))),
  ],
  ['a missing manifest has no size', all(manifestSays('arm64', 3), withManifest('arm64', absent()))],
  [
    'a manifest with other bytes has no known size',
    all(manifestSays('arm64', 3), withManifest('arm64', altered())),
  ],
  [
    'a manifest that was not observed has no size',
    all(manifestSays('arm64', 3), withManifest('arm64', unseen('rate-limited'))),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
