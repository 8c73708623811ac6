import { expect, test } from 'vitest'
import check from '../../../src/checks/image/platform-duplicate.ts'
import type { Descriptor } from '../../../src/oci/manifest.ts'
import {
  about,
  absent,
  alsoManifest,
  attestationOf,
  type Change,
  childOf,
  descriptorOf,
  digestOf,
  faultsOf,
  imageOf,
  indexIn,
  type Quiet,
  read,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const alsoListed =
  (...more: Descriptor[]): Change =>
  (facts) => {
    indexIn(facts).children.push(...more)
  }
const windows = (name: string, version: string): Descriptor => ({
  ...descriptorOf(name),
  platform: { os: 'windows', architecture: 'amd64', 'os.version': version },
})
const withFeatures = (name: string, ...features: string[]): Descriptor => ({
  ...descriptorOf(name),
  platform: { os: 'linux', architecture: 'amd64', 'os.features': features },
})
const digests = (...names: string[]) => names.map(digestOf).join(', ')

test('two images for one platform are a warning', () => {
  expect(faultsOf(check, alsoListed(childOf('other', 'amd64')))).toEqual([
    {
      ...about('index', 'linux/amd64'),
      severity: 'warning',
      message: 'linux/amd64 is listed 2 times',
      actual: digests('amd64', 'other'),
    },
  ])
})

test('every duplicate platform is reported', () => {
  const change = alsoListed(childOf('other', 'amd64'), childOf('third', 'amd64'), childOf('fourth', 'arm64'))
  expect(faultsOf(check, change)).toMatchObject([
    { message: 'linux/amd64 is listed 3 times', platforms: ['linux/amd64'] },
    { message: 'linux/arm64 is listed 2 times', platforms: ['linux/arm64'] },
  ])
})

test('two notations of a platform are one platform', () => {
  expect(faultsOf(check, alsoListed(childOf('other', 'aarch64')))).toMatchObject([
    { message: 'linux/arm64 is listed 2 times', actual: digests('arm64', 'other') },
  ])
})

test('another value of the annotation does not mark a zstd variant', () => {
  const annotations = { 'io.github.containers.compression.zstd': 'false' }
  expect(faultsOf(check, alsoListed({ ...childOf('other', 'amd64'), annotations }))).toHaveLength(1)
})

test('two Windows images of one version are one platform', () => {
  const version = '10.0.20348.2113'
  expect(faultsOf(check, alsoListed(windows('one', version), windows('two', version)))).toMatchObject([
    { message: `windows/amd64 (${version}) is listed 2 times`, actual: digests('one', 'two') },
  ])
})

test('two images with the same features are one platform', () => {
  expect(
    faultsOf(check, alsoListed(withFeatures('one', 'a', 'b'), withFeatures('two', 'b', 'a'))),
  ).toMatchObject([{ message: 'linux/amd64 is listed 2 times', actual: digests('one', 'two') }])
})

/** A chart that an index lists beside its images. */
const chart: Change = (facts) => {
  const document = imageOf('chart config', 'chart layer')
  document.config.mediaType = 'application/vnd.cncf.helm.config.v1+json'
  alsoManifest('chart', 'image', 'manifests[4]', read(document))(facts)
  alsoListed(childOf('chart', 'amd64'))(facts)
}

test.each<Quiet>([
  [
    'the Nydus variant of an image is not a second image',
    alsoListed(withFeatures('nydus', 'nydus.remoteimage.v1')),
  ],
  [
    'the SOCI index of an image is not a second image',
    alsoListed({ ...childOf('soci', 'amd64'), artifactType: 'application/vnd.amazon.soci.index.v2+json' }),
  ],
  ['an artifact is not a second image', chart],
  ['platforms that are listed once are not duplicates', () => {}],
  ['one image that is listed twice is not a duplicate', alsoListed(childOf('amd64', 'amd64'))],
  ['two variants are two platforms', alsoListed(childOf('v6', 'arm', 'v6'), childOf('v7', 'arm', 'v7'))],
  [
    'two versions of Windows are two platforms',
    alsoListed(windows('one', '10.0.1'), windows('two', '10.0.2')),
  ],
  ['children without a platform are not duplicates', alsoListed(descriptorOf('one'), descriptorOf('two'))],
  ['attestations are not images of one platform', alsoListed(attestationOf('other'))],
  [
    'an attestation with the platform of its image is not a second image',
    alsoListed({ ...childOf('other', 'amd64'), annotations: attestationOf('amd64').annotations }),
  ],
  [
    'the zstd variant of an image is not a second image',
    alsoListed({
      ...childOf('twin', 'amd64'),
      annotations: { 'io.github.containers.compression.zstd': 'true' },
    }),
  ],
  ['a missing index lists nothing', withManifest('index', absent())],
  ['an index that was not observed lists nothing', withManifest('index', unseen('rate-limited'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
