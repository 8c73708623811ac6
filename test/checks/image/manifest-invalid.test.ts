import { expect, test } from 'vitest'
import check from '../../../src/checks/image/manifest-invalid.ts'
import { ociManifest } from '../../../src/oci/media-types.ts'
import {
  about,
  absent,
  altered,
  faultsOf,
  malformed,
  oversized,
  type Quiet,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const twoInOne = 'two documents in one: it has “manifests” and “config” or “layers”'

test('a manifest that cannot be parsed is an error with the message of the parser', () => {
  expect(faultsOf(check, withManifest('arm64', malformed(twoInOne)))).toEqual([
    {
      ...about('arm64', 'linux/arm64'),
      severity: 'error',
      message: twoInOne,
      evidence: [`17 bytes, ${ociManifest}`],
    },
  ])
})

test('an answer without a content type is reported as such', () => {
  expect(faultsOf(check, withManifest('index', malformed('not valid JSON', '')))).toMatchObject([
    { ...about('index'), message: 'not valid JSON', evidence: ['17 bytes, no content type'] },
  ])
})

test('an attestation that cannot be parsed is a warning', () => {
  expect(faultsOf(check, withManifest('arm64 attestation', malformed(twoInOne)))).toMatchObject([
    { severity: 'warning', platforms: ['attestation'] },
  ])
})

test.each<Quiet>([
  ['manifests that were read are valid', () => {}],
  ['a manifest with other bytes was not parsed at all', withManifest('arm64', altered())],
  ['a manifest that is too large was not parsed at all', withManifest('arm64', oversized())],
  ['a missing manifest is not invalid', withManifest('arm64', absent())],
  ['a manifest that was not observed is not invalid', withManifest('arm64', unseen('not-a-registry'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
