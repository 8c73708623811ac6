import { expect, test } from 'vitest'
import check from '../../../src/checks/image/attestation-missing.ts'
import {
  about,
  absent,
  absentWithoutCode,
  alsoManifest,
  altered,
  blobSees,
  manifestSees,
  type Quiet,
  repository,
  told,
  unseen,
} from '../../support/facts.ts'

test('an attestation that is gone is a warning, since the image can be pulled', () => {
  expect(told(check, manifestSees('amd64 attestation', absent()))).toEqual([
    {
      ...about('amd64 attestation', 'attestation'),
      severity: 'warning',
      message: 'attestation manifest: 404 UNKNOWN',
      cause: repository,
    },
  ])
})

test('a refusal without a code leaves no space behind', () => {
  expect(told(check, manifestSees('amd64 attestation', absentWithoutCode()))).toMatchObject([
    { message: 'attestation manifest: 404' },
  ])
})

test.each<Quiet>([
  ['attestations that are there are not missing', () => {}],
  [
    'an attestation that a mirror lacks was never pulled through it',
    manifestSees('amd64 attestation', absent()),
    { mirror: 'true' },
  ],
  ['a platform image that is gone is no attestation', manifestSees('amd64', absent())],
  ['a referrer that is gone is no attestation', alsoManifest('sbom', 'referrer', 'referrers[0]', absent())],
  ['a subject that is gone is no attestation', alsoManifest('base', 'subject', 'subject', absent())],
  ['a blob of an attestation that is gone leaves its manifest', blobSees('amd64 provenance', absent())],
  ['an attestation with other bytes is not missing', manifestSees('amd64 attestation', altered())],
  [
    'an attestation that was not seen is not missing',
    manifestSees('amd64 attestation', unseen('rate-limited')),
  ],
])('%s', (_sentence, change, given) => {
  expect(told(check, change, given)).toEqual([])
})
