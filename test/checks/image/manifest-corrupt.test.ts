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
  ['a header that admits the other digest is no evidence of a lie', digestOf('tampered')],
])('%s', (_sentence, header) => {
  expect(faultsOf(check, withManifest('arm64', altered(header)))).toEqual([finding])
})

test('a header that repeats the digest that was asked for is told', () => {
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
  ['manifests that were read have the right bytes', () => {}],
  ['a manifest that is no valid one has the right bytes', withManifest('arm64', malformed('not valid JSON'))],
  ['a manifest that is gone has no wrong bytes', withManifest('arm64', absent())],
  ['a manifest that was not seen has no wrong bytes', withManifest('arm64', unseen('connection-cut'))],
  ['a layer with other bytes is no manifest', withBlob('amd64 layer', altered())],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
