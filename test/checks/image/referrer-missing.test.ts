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

test('a referrer that is listed and gone is a warning', () => {
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
  ['a referrer that is there is not missing', referrer(read(imageOf('signature config', 'signature layer')))],
  ['a referrer with other bytes is not missing', referrer(altered())],
  ['a referrer that was not seen is not missing', referrer(unseen('rate-limited'))],
  ['an attestation that is gone is no referrer', withManifest('amd64 attestation', absent())],
  ['a platform image that is gone is no referrer', withManifest('amd64', absent())],
  ['a subject that is gone is no referrer', alsoManifest('base', 'subject', 'subject', absent())],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
