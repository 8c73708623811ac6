import { expect, test } from 'vitest'
import check from '../../../src/checks/image/unsupported-schema1.ts'
import { dockerSchema1Signed } from '../../../src/oci/media-types.ts'
import {
  about,
  absent,
  faultsOf,
  malformed,
  type Quiet,
  read,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const schema1 = read({ kind: 'schema1', mediaType: '' }, dockerSchema1Signed)

test('a tag of schema 1 is an error', () => {
  expect(faultsOf(check, withManifest('index', schema1))).toEqual([
    { ...about('index'), severity: 'error', message: 'Docker schema 1 manifest' },
  ])
})

test('a child of schema 1 is an error for its platform', () => {
  expect(faultsOf(check, withManifest('arm64', schema1))).toMatchObject([about('arm64', 'linux/arm64')])
})

test('an attestation of schema 1 is a warning', () => {
  expect(faultsOf(check, withManifest('amd64 attestation', schema1))).toMatchObject([
    { ...about('amd64 attestation', 'attestation'), severity: 'warning' },
  ])
})

test.each<Quiet>([
  ['current manifests are not of schema 1', () => {}],
  [
    'a manifest with the media type of schema 1 that cannot be parsed is reported by another check',
    withManifest('arm64', malformed('not valid JSON', dockerSchema1Signed)),
  ],
  ['a missing manifest is not of schema 1', withManifest('arm64', absent())],
  ['a manifest that was not observed is not of schema 1', withManifest('arm64', unseen('rate-limited'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
