import { expect, test } from 'vitest'
import check from '../../../src/checks/image/manifest-corrupt.ts'
import {
  about,
  absent,
  altered,
  digestOf,
  faultsOf,
  malformed,
  type Quiet,
  registry,
  unseen,
  withBlob,
  withManifest,
} from '../../support/facts.ts'

const finding = {
  ...about('arm64', 'linux/arm64'),
  severity: 'error',
  message: 'the bytes of the manifest do not match the digest',
  expected: digestOf('arm64'),
  actual: digestOf('tampered'),
  evidence: [],
  cause: registry,
}

test.each([
  ['a manifest with other bytes is corrupt', ''],
  ['a header with the real digest adds no evidence', digestOf('tampered')],
])('%s', (_sentence, header) => {
  expect(faultsOf(check, withManifest('arm64', altered(header)))).toEqual([finding])
})

test('a header that repeats the requested digest is reported', () => {
  expect(faultsOf(check, withManifest('arm64', altered(digestOf('arm64'))))).toEqual([
    { ...finding, evidence: [expect.stringContaining('Docker-Content-Digest')] },
  ])
})

test('an index with other bytes belongs to no platform', () => {
  expect(faultsOf(check, withManifest('index', altered()))).toMatchObject([
    { ...about('index'), severity: 'error' },
  ])
})

test('an attestation with other bytes is a warning', () => {
  expect(faultsOf(check, withManifest('amd64 attestation', altered()))).toMatchObject([
    { severity: 'warning', platforms: ['attestation'] },
  ])
})

test.each<Quiet>([
  ['manifests that were read are not corrupt', () => {}],
  ['an invalid manifest is not corrupt', withManifest('arm64', malformed('not valid JSON'))],
  ['a missing manifest is not corrupt', withManifest('arm64', absent())],
  ['a manifest that was not observed is not corrupt', withManifest('arm64', unseen('connection-cut'))],
  ['a layer with other bytes is not a manifest', withBlob('amd64 layer', altered())],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
