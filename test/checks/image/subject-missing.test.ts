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

test('a subject that is not in the repository is a warning that names who refers to it', () => {
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

test('a subject of nobody is told as the subject of a manifest', () => {
  const change = all(subject(absent()), (facts) => {
    for (const { uses, role } of repositoryIn(facts).manifests) if (role === 'subject') uses.length = 0
  })
  expect(faultsOf(check, change)).toMatchObject([{ message: 'subject of a manifest: 404' }])
})

test.each<Quiet>([
  ['an image without a subject lacks none', () => {}],
  ['a subject that is there is not missing', subject(read(imageOf('base config')))],
  ['a subject with other bytes is not missing', subject(altered())],
  ['a subject that was not seen is not missing', subject(unseen('rate-limited'))],
  ['an attestation that is gone is no subject', withManifest('amd64 attestation', absent())],
  ['a platform image that is gone is no subject', withManifest('amd64', absent())],
  ['a referrer that is gone is no subject', alsoManifest('sbom', 'referrer', 'referrers[0]', absent())],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
