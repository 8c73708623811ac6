import { expect, test } from 'vitest'
import check from '../../../src/checks/image/blob-corrupt.ts'
import {
  about,
  absent,
  altered,
  cut,
  digestOf,
  faultsOf,
  length,
  type Quiet,
  registry,
  unseen,
  withBlob,
  withManifest,
} from '../../support/facts.ts'

test('a layer with other bytes is corrupt, and its real digest is reported', () => {
  expect(faultsOf(check, withBlob('amd64 layer', altered()))).toEqual([
    {
      ...about('amd64 layer', 'linux/amd64'),
      severity: 'error',
      message: 'layers[1]: the bytes do not match the digest',
      expected: digestOf('amd64 layer'),
      actual: digestOf('tampered'),
      cause: registry,
    },
  ])
})

test('a layer of two platforms is one finding for both', () => {
  expect(faultsOf(check, withBlob('base layer', altered()))).toMatchObject([
    {
      ...about('base layer', 'linux/amd64', 'linux/arm64'),
      message: expect.stringMatching(/^layers\[0\]: the bytes/),
    },
  ])
})

test('a configuration with other bytes is corrupt', () => {
  expect(faultsOf(check, withBlob('arm64 config', altered()))).toMatchObject([
    { severity: 'error', message: 'config: the bytes do not match the digest', platforms: ['linux/arm64'] },
  ])
})

test('a longer blob with another digest is corrupt', () => {
  expect(faultsOf(check, withBlob('amd64 layer', length(2049, false)))).toMatchObject([
    { severity: 'error', actual: '2049 bytes instead of 2048, with a different digest', cause: registry },
  ])
})

test('provenance with other bytes is a warning', () => {
  expect(faultsOf(check, withBlob('amd64 provenance', altered()))).toMatchObject([
    { severity: 'warning', platforms: ['attestation'] },
  ])
})

test.each<Quiet>([
  ['blobs that were proven are not corrupt', () => {}],
  ['a longer blob with the right digest is not corrupt', withBlob('amd64 layer', length(2049, true))],
  [
    'a longer blob that was too large to hash is not reported as corrupt',
    withBlob('amd64 layer', length(2049, undefined)),
  ],
  ['a shorter blob is truncated, not corrupt', withBlob('amd64 layer', length(2047, false))],
  ['an empty blob is empty, not corrupt', withBlob('amd64 layer', length(0, false))],
  ['a download that breaks off is not corrupt', withBlob('amd64 layer', cut(100))],
  ['a missing blob is not corrupt', withBlob('amd64 layer', absent())],
  ['a blob that was not observed is not corrupt', withBlob('amd64 layer', unseen('connection-cut'))],
  ['a manifest with other bytes is not a blob', withManifest('amd64', altered())],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
