import { expect, test } from 'vitest'
import check from '../../../src/checks/image/referrer-missing.ts'
import {
  absent,
  alsoManifest,
  altered,
  digestOf,
  faultsOf,
  imageOf,
  type Quiet,
  read,
  repository,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const referrer = (observed: Parameters<typeof alsoManifest>[3]) =>
  alsoManifest('signature', 'referrer', 'referrers[0]', observed)

test('a listed referrer that is missing is a warning', () => {
  expect(faultsOf(check, referrer(absent()))).toEqual([
    {
      subject: `${repository}@${digestOf('signature')}`,
      repository,
      digest: digestOf('signature'),
      platforms: ['referrer'],
      severity: 'warning',
      message: 'referrer: 404',
      cause: repository,
    },
  ])
})

test.each<Quiet>([
  ['an image without referrers lacks none', () => {}],
  ['an existing referrer is not missing', referrer(read(imageOf('signature config', 'signature layer')))],
  ['a referrer with other bytes is not missing', referrer(altered())],
  ['a referrer that was not observed is not missing', referrer(unseen('rate-limited'))],
  ['a missing attestation is not a referrer', withManifest('amd64 attestation', absent())],
  ['a missing platform image is not a referrer', withManifest('amd64', absent())],
  ['a missing subject is not a referrer', alsoManifest('base', 'subject', 'subject', absent())],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
