import { expect, test } from 'vitest'
import check from '../../../src/checks/image/index-empty.ts'
import type { Descriptor } from '../../../src/oci/manifest.ts'
import {
  about,
  absent,
  all,
  alsoManifest,
  attestationOf,
  type Change,
  descriptorOf,
  digestOf,
  faultsOf,
  imageIn,
  indexIn,
  indexOf,
  manifestIn,
  type Quiet,
  read,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const empty = read(indexOf())

test('an index that lists nothing is an error', () => {
  expect(faultsOf(check, withManifest('index', empty))).toEqual([
    { ...about('index'), severity: 'error', message: 'the list of manifests is empty' },
  ])
})

test('an empty index inside another is an error, too', () => {
  expect(faultsOf(check, withManifest('arm64', empty))).toMatchObject([about('arm64', 'linux/arm64')])
})

const only =
  (...children: Descriptor[]): Change =>
  (facts) => {
    indexIn(facts).children = children
  }
const unknown = (name: 'amd64' | 'arm64'): Descriptor => ({
  ...descriptorOf(name),
  platform: { os: 'unknown', architecture: 'unknown' },
})

test.each<[string, Change, string]>([
  ['attestations', only(attestationOf('amd64'), attestationOf('arm64')), '2 manifests'],
  ['an image of unknown/unknown platform', only(unknown('amd64')), '1 manifest'],
  [
    'a missing image of unknown/unknown platform',
    all(only(unknown('amd64')), withManifest('amd64', absent())),
    '1 manifest',
  ],
])('an index of nothing but %s has no image to pull', (_sentence, change, children) => {
  expect(faultsOf(check, change)).toEqual([
    {
      ...about('index'),
      severity: 'error',
      title: expect.stringContaining('Index without images'),
      message: `lists ${children}, all of them attestations or of unknown/unknown platform`,
      because: expect.stringMatching(/^Docker and containerd fail with .*“provenance: false” turns them off/),
    },
  ])
})

/** An index of artifacts, such as Helm charts. */
const artifacts: Change = (facts) => {
  only(unknown('amd64'))(facts)
  imageIn(facts, 'amd64').config.mediaType = 'application/vnd.cncf.helm.config.v1+json'
}

const emptyAs =
  (role: 'attestation' | 'referrer' | 'subject'): Change =>
  (facts) => {
    alsoManifest('other', role, 'subject', empty)(facts)
  }

test.each<Quiet>([
  ['an index that lists something is not empty', () => {}],
  [
    'an index whose images are all missing still lists them',
    (facts) => {
      for (const name of ['amd64', 'arm64'] as const) manifestIn(facts, name).observed = absent()
    },
  ],
  ['an index of artifacts has no image on purpose', artifacts],
  [
    'an index of blobs, such as a build cache, has no image on purpose',
    only(descriptorOf('base layer', 'application/vnd.oci.image.layer.v1.tar+gzip')),
  ],
  ['one image beside attestations can be pulled', only(descriptorOf('amd64'), attestationOf('amd64'))],
  [
    'an index whose children were not all followed may list an image',
    all(only(attestationOf('amd64')), (facts) => {
      manifestIn(facts, 'index').limit = { what: 'width', max: 1, found: 2 }
    }),
  ],
  [
    'a nested index without images does not hide the images of the outer one',
    all(only(attestationOf('amd64')), (facts) => {
      manifestIn(facts, 'index').uses = [{ parent: digestOf('outer'), field: 'manifests[0]' }]
    }),
  ],
  [
    'an index with a single child is not empty',
    (facts) => {
      indexIn(facts).children.length = 1
    },
  ],
  [
    'an image without layers is not an index',
    (facts) => {
      imageIn(facts, 'amd64').layers = []
    },
  ],
  ['an empty attestation is not an image to pull', emptyAs('attestation')],
  ['an empty referrer is not an image to pull', emptyAs('referrer')],
  ['an empty subject is not pulled', emptyAs('subject')],
  ['a missing index is not empty', withManifest('index', absent())],
  ['an index that was not observed is not empty', withManifest('index', unseen('rate-limited'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
