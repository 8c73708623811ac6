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

test('a missing attestation is a warning, because the image can be pulled', () => {
  expect(faultsOf(check, withManifest('amd64 attestation', absent()))).toEqual([
    {
      ...about('amd64 attestation', 'attestation'),
      severity: 'warning',
      message: 'attestation manifest: 404 UNKNOWN',
      cause: repository,
    },
  ])
})

test('a refusal without a code leaves no trailing space', () => {
  expect(faultsOf(check, withManifest('amd64 attestation', absentWithoutCode()))).toMatchObject([
    { message: 'attestation manifest: 404' },
  ])
})

test.each<Quiet>([
  ['existing attestations are not missing', () => {}],
  [
    'an attestation that a mirror lacks was never pulled through it',
    withManifest('amd64 attestation', absent()),
    { mirror: 'true' },
  ],
  ['a missing platform image is not an attestation', withManifest('amd64', absent())],
  ['a missing referrer is not an attestation', alsoManifest('sbom', 'referrer', 'referrers[0]', absent())],
  ['a missing subject is not an attestation', alsoManifest('base', 'subject', 'subject', absent())],
  ['a missing blob of an attestation does not affect its manifest', withBlob('amd64 provenance', absent())],
  ['an attestation with other bytes is not missing', withManifest('amd64 attestation', altered())],
  [
    'an attestation that was not observed is not missing',
    withManifest('amd64 attestation', unseen('rate-limited')),
  ],
])('%s', (_sentence, change, given) => {
  expect(faultsOf(check, change, given)).toEqual([])
})
