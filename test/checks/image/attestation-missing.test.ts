import { expect, test } from 'vitest'
import check from '../../../src/checks/image/attestation-missing.ts'
import {
  about,
  absent,
  absentWithoutCode,
  alsoManifest,
  altered,
  faultsOf,
  type Quiet,
  repository,
  unseen,
  withBlob,
  withManifest,
} from '../../support/facts.ts'

test('an attestation that is gone is a warning, since the image can be pulled', () => {
  expect(faultsOf(check, withManifest('amd64 attestation', absent()))).toEqual([
    {
      ...about('amd64 attestation', 'attestation'),
      severity: 'warning',
      message: 'attestation manifest: 404 UNKNOWN',
      cause: repository,
    },
  ])
})

test('a refusal without a code leaves no space behind', () => {
  expect(faultsOf(check, withManifest('amd64 attestation', absentWithoutCode()))).toMatchObject([
    { message: 'attestation manifest: 404' },
  ])
})

test.each<Quiet>([
  ['attestations that are there are not missing', () => {}],
  [
    'an attestation that a mirror lacks was never pulled through it',
    withManifest('amd64 attestation', absent()),
    { mirror: 'true' },
  ],
  ['a platform image that is gone is no attestation', withManifest('amd64', absent())],
  ['a referrer that is gone is no attestation', alsoManifest('sbom', 'referrer', 'referrers[0]', absent())],
  ['a subject that is gone is no attestation', alsoManifest('base', 'subject', 'subject', absent())],
  ['a blob of an attestation that is gone leaves its manifest', withBlob('amd64 provenance', absent())],
  ['an attestation with other bytes is not missing', withManifest('amd64 attestation', altered())],
  [
    'an attestation that was not seen is not missing',
    withManifest('amd64 attestation', unseen('rate-limited')),
  ],
])('%s', (_sentence, change, given) => {
  expect(faultsOf(check, change, given)).toEqual([])
})
