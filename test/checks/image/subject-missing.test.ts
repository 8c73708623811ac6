import { expect, test } from 'vitest'
import check from '../../../src/checks/image/subject-missing.ts'
import {
  absent,
  all,
  alsoManifest,
  altered,
  digestOf,
  faultsOf,
  imageOf,
  type Quiet,
  read,
  repository,
  repositoryIn,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const subject = (observed: Parameters<typeof alsoManifest>[3]) =>
  alsoManifest('base', 'subject', 'subject', observed)

test('a missing subject is a warning that names the manifest that refers to it', () => {
  expect(faultsOf(check, subject(absent()))).toMatchObject([
    {
      subject: `${repository}@${digestOf('base')}`,
      repository,
      digest: digestOf('base'),
      severity: 'warning',
      message: `subject of ${digestOf('amd64')}: 404`,
    },
  ])
})

test('a subject without a known referrer is reported as the subject of a manifest', () => {
  const change = all(subject(absent()), (facts) => {
    for (const { uses, role } of repositoryIn(facts).manifests) if (role === 'subject') uses.length = 0
  })
  expect(faultsOf(check, change)).toMatchObject([{ message: 'subject of a manifest: 404' }])
})

test.each<Quiet>([
  ['an image without a subject lacks none', () => {}],
  ['an existing subject is not missing', subject(read(imageOf('base config')))],
  ['a subject with other bytes is not missing', subject(altered())],
  ['a subject that was not observed is not missing', subject(unseen('rate-limited'))],
  ['a missing attestation is not a subject', withManifest('amd64 attestation', absent())],
  ['a missing platform image is not a subject', withManifest('amd64', absent())],
  ['a missing referrer is not a subject', alsoManifest('sbom', 'referrer', 'referrers[0]', absent())],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
