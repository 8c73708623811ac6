import { expect, test } from 'vitest'
import check from '../../../src/checks/image/orphaned-index.ts'
import type { ManifestFact } from '../../../src/facts/image.ts'
import { shortDigest } from '../../../src/oci/digest.ts'
import { ociIndex } from '../../../src/oci/media-types.ts'
import {
  about,
  absent,
  absentWithoutCode,
  all,
  alsoManifest,
  altered,
  type Change,
  childOf,
  descriptorOf,
  digestOf,
  faultsOf,
  imageOf,
  indexOf,
  manifestIn,
  type Quiet,
  registry,
  repository,
  repositoryIn,
  repositoryOf,
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
  absent: true,
  cause: `${repository}@${digestOf('index')}`,
  title: 'Orphaned index: the index exists, 1 of 2 platform images is gone.',
  because: expect.stringContaining('--delete-untagged'),
  advice: `Rebuild and push again, then stop what deletes them. On the host of a registry:2 or 3, “regguard-plugin scan /var/lib/registry --registry https://${registry}” shows what can be restored.`,
}

test('a missing child makes the index orphaned', () => {
  expect(faultsOf(check, arm64)).toEqual([finding])
})

test('missing children of one index share one cause, which counts them', () => {
  const title = 'Orphaned index: the index exists, 2 of 2 platform images are gone.'
  expect(faultsOf(check, all(arm64, withManifest('amd64', absent())))).toEqual([
    { ...finding, ...about('amd64', 'linux/amd64'), title },
    { ...finding, title },
  ])
})

/** An index of two nested indexes, each of one platform; `inner` is what was observed of the first. */
const nested = (facts: Parameters<Change>[0], inner?: ManifestFact['observed']): void => {
  const amd64 = indexOf(childOf('amd64', 'amd64'))
  const arm64 = indexOf(childOf('arm64', 'arm64'))
  facts.image.repositories = [
    repositoryOf([
      [digestOf('index'), indexOf(descriptorOf('first', ociIndex), descriptorOf('second', ociIndex))],
      [digestOf('first'), amd64],
      [digestOf('second'), arm64],
      [digestOf('amd64'), imageOf('amd64 config', 'base layer')],
      [digestOf('arm64'), imageOf('arm64 config', 'base layer')],
    ]),
  ]
  const first = repositoryIn(facts).manifests.find(({ digest }) => digest === digestOf('first'))
  if (first && inner) first.observed = inner
}

test('a missing image in a nested index is one of all images, and of one cause with the others', () => {
  const change: Change = (facts) => {
    nested(facts)
    arm64(facts)
  }
  expect(faultsOf(check, change)).toMatchObject([
    {
      title: 'Orphaned index: the index exists, 1 of 2 platform images is gone.',
      expected: `a manifest (listed by the index ${shortDigest(digestOf('second'))})`,
      cause: `${repository}@${digestOf('index')}`,
    },
  ])
})

test('a missing nested index is no platform image', () => {
  expect(faultsOf(check, (facts) => nested(facts, absent()))).toMatchObject([
    { title: 'Orphaned index: the index exists, 1 nested index with all images is gone.' },
  ])
  const both: Change = (facts) => {
    nested(facts, absent())
    arm64(facts)
  }
  const title =
    'Orphaned index: the index exists, 1 nested index with all images and 1 of 1 platform images are gone.'
  expect(faultsOf(check, both)).toMatchObject([{ title }, { title }])
})

test('a nested index that was not observed is not counted as gone', () => {
  const change: Change = (facts) => {
    nested(facts, unseen('rate-limited'))
    arm64(facts)
  }
  expect(faultsOf(check, change)).toMatchObject([
    { title: 'Orphaned index: the index exists, 1 of 1 platform images is gone.' },
  ])
})

test('indexes that list each other end the way up', () => {
  const change: Change = (facts) => {
    nested(facts)
    arm64(facts)
    const [top] = repositoryIn(facts).manifests
    if (top) top.uses = [{ parent: digestOf('second'), field: 'manifests[0]' }]
  }
  expect(faultsOf(check, change)).toHaveLength(1)
})

test('a nested index that is tagged itself is the index of its images', () => {
  const change: Change = (facts) => {
    nested(facts)
    arm64(facts)
    const second = repositoryIn(facts).manifests.find(({ digest }) => digest === digestOf('second'))
    second?.uses.push({ parent: '', field: 'another tag' })
  }
  expect(faultsOf(check, change)).toMatchObject([{ cause: `${repository}@${digestOf('second')}` }])
})

test('a missing attestation is not counted as a platform image', () => {
  expect(faultsOf(check, all(arm64, withManifest('arm64 attestation', absent())))).toEqual([finding])
})

test('a child that was not observed is listed, but not counted as gone', () => {
  expect(faultsOf(check, all(arm64, withManifest('amd64', unseen('rate-limited'))))).toEqual([finding])
})

test('a missing child that is also a subject is reported for the index that lists it', () => {
  const change = all(arm64, (facts) => {
    manifestIn(facts, 'arm64').uses.unshift({ parent: digestOf('signature'), field: 'subject' })
  })
  expect(faultsOf(check, change)).toEqual([finding])
})

test('a refusal without a code leaves no trailing space', () => {
  expect(faultsOf(check, withManifest('arm64', absentWithoutCode()))).toMatchObject([{ message: '404' }])
})

test('a missing child is reported without `mirror: true`', () => {
  expect(faultsOf(check, arm64, { mirror: 'false' })).toEqual([finding])
})

test.each<Quiet>([
  ['complete children are not orphaned', () => {}],
  ['a mirror may lack what was never pulled through it', arm64, { mirror: 'true' }],
  ['a child that another repository serves is not orphaned', withManifest('arm64', absent('team/builds'))],
  ['a missing attestation does not orphan the index', withManifest('arm64 attestation', absent())],
  ['a missing referrer is not a platform image', alsoManifest('sbom', 'referrer', 'referrers[0]', absent())],
  ['a missing subject is not a platform image', alsoManifest('base', 'subject', 'subject', absent())],
  ['an image that only a tag refers to is not a child', withManifest('index', absent())],
  ['a child with other bytes is not gone', withManifest('arm64', altered())],
  ['a child that was not observed is not gone', withManifest('arm64', unseen('rate-limited'))],
  ['a missing layer does not affect its manifest', withBlob('arm64 layer', absent())],
])('%s', (_sentence, change, given) => {
  expect(faultsOf(check, change, given)).toEqual([])
})
