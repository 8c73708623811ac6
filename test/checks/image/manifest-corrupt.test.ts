import { expect, test } from 'vitest'
import check from '../../../src/checks/image/manifest-corrupt.ts'
import {
  about,
  absent,
  altered,
  blobSees,
  digestOf,
  malformed,
  manifestSees,
  type Quiet,
  registry,
  told,
  unseen,
} from '../../support/facts.ts'

const finding = {
  ...about('arm64', 'linux/arm64'),
  severity: 'error',
  message: 'the bytes of the manifest have another digest',
  expected: digestOf('arm64'),
  actual: digestOf('tampered'),
  evidence: [],
  cause: registry,
}

test.each([
  ['a manifest with other bytes is corrupt', ''],
  ['a header that admits the other digest is no evidence of a lie', digestOf('tampered')],
])('%s', (_sentence, header) => {
  expect(told(check, manifestSees('arm64', altered(header)))).toEqual([finding])
})

test('a header that repeats the digest that was asked for is told', () => {
  expect(told(check, manifestSees('arm64', altered(digestOf('arm64'))))).toEqual([
    { ...finding, evidence: [expect.stringContaining('Docker-Content-Digest')] },
  ])
})

test('an index with other bytes belongs to no platform', () => {
  expect(told(check, manifestSees('index', altered()))).toMatchObject([
    { ...about('index'), severity: 'error' },
  ])
})

test('an attestation with other bytes is a warning', () => {
  expect(told(check, manifestSees('amd64 attestation', altered()))).toMatchObject([
    { severity: 'warning', platforms: ['attestation'] },
  ])
})

test.each<Quiet>([
  ['manifests that were read have the right bytes', () => {}],
  [
    'a manifest that is no valid one has the right bytes',
    manifestSees('arm64', malformed('it is no valid JSON')),
  ],
  ['a manifest that is gone has no wrong bytes', manifestSees('arm64', absent())],
  ['a manifest that was not seen has no wrong bytes', manifestSees('arm64', unseen('connection-cut'))],
  ['a layer with other bytes is no manifest', blobSees('amd64 layer', altered())],
])('%s', (_sentence, change) => {
  expect(told(check, change)).toEqual([])
})
