import { expect, test } from 'vitest'
import check from '../../../src/checks/image/orphaned-index.ts'
import { shortDigest } from '../../../src/oci/digest.ts'
import {
  about,
  absent,
  absentWithoutCode,
  all,
  alsoManifest,
  altered,
  digestOf,
  faultsOf,
  manifestIn,
  type Quiet,
  repository,
  unseen,
  withBlob,
  withManifest,
} from '../../support/facts.ts'

const arm64 = withManifest('arm64', absent())
const finding = {
  ...about('arm64', 'linux/arm64'),
  severity: 'error',
  message: '404 UNKNOWN',
  expected: `a manifest (listed by the index ${shortDigest(digestOf('index'))})`,
  actual: 'no such manifest in this repository',
  cause: `${repository}@${digestOf('index')}`,
  title: 'Orphaned index: the index exists, 1 of 2 platform images are gone.',
  because: expect.stringContaining('--delete-untagged'),
}

test('a child that is gone makes an orphaned index', () => {
  expect(faultsOf(check, arm64)).toEqual([finding])
})

test('children of one index that are gone share one cause, and are counted in it', () => {
  const title = 'Orphaned index: the index exists, 2 of 2 platform images are gone.'
  expect(faultsOf(check, all(arm64, withManifest('amd64', absent())))).toEqual([
    { ...finding, ...about('amd64', 'linux/amd64'), title },
    { ...finding, title },
  ])
})

test('an attestation that is gone, too, is not counted as a platform image', () => {
  expect(faultsOf(check, all(arm64, withManifest('arm64 attestation', absent())))).toEqual([finding])
})

test('a child that was not seen is listed, but not counted as gone', () => {
  expect(faultsOf(check, all(arm64, withManifest('amd64', unseen('rate-limited'))))).toEqual([finding])
})

test('a child that something else calls its subject first is an orphan of the index that lists it', () => {
  const change = all(arm64, (facts) => {
    manifestIn(facts, 'arm64').uses.unshift({ parent: digestOf('signature'), field: 'subject' })
  })
  expect(faultsOf(check, change)).toEqual([finding])
})

test('a refusal without a code leaves no space behind', () => {
  expect(faultsOf(check, withManifest('arm64', absentWithoutCode()))).toMatchObject([{ message: '404' }])
})

test('a child that only a mirror may lack is an orphan without `mirror: true`', () => {
  expect(faultsOf(check, arm64, { mirror: 'false' })).toEqual([finding])
})

test.each<Quiet>([
  ['children that are all there are no orphans', () => {}],
  ['a mirror may lack what was never pulled through it', arm64, { mirror: 'true' }],
  ['a child that another repository serves is not an orphan', withManifest('arm64', absent('team/builds'))],
  ['an attestation that is gone leaves no image behind', withManifest('arm64 attestation', absent())],
  [
    'a referrer that is gone is no platform image',
    alsoManifest('sbom', 'referrer', 'referrers[0]', absent()),
  ],
  ['a subject that is gone is no platform image', alsoManifest('base', 'subject', 'subject', absent())],
  ['an image that only a tag names is no child', withManifest('index', absent())],
  ['a child with other bytes is not gone', withManifest('arm64', altered())],
  ['a child that was not seen is not gone', withManifest('arm64', unseen('rate-limited'))],
  ['a layer that is gone leaves its manifest', withBlob('arm64 layer', absent())],
])('%s', (_sentence, change, given) => {
  expect(faultsOf(check, change, given)).toEqual([])
})
