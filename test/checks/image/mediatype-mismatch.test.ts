import { expect, test } from 'vitest'
import check from '../../../src/checks/image/mediatype-mismatch.ts'
import { dockerManifest, ociIndex, ociManifest } from '../../../src/oci/media-types.ts'
import {
  about,
  absent,
  all,
  type Change,
  digestOf,
  faultsOf,
  imageIn,
  indexIn,
  indexOf,
  type ManifestName,
  malformed,
  manifestIn,
  type Quiet,
  read,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const finding = {
  ...about('arm64', 'linux/arm64'),
  severity: 'error',
  message: 'the media types differ',
  expected: 'the same media type in all three places',
}
const listed =
  (mediaType: string): Change =>
  (facts) => {
    for (const use of manifestIn(facts, 'arm64').uses) use.mediaType = mediaType
  }
const answered =
  (mediaType: string, name: ManifestName = 'arm64'): Change =>
  (facts) => {
    manifestIn(facts, name).observed = read(imageIn(facts, name), mediaType)
  }
const itself =
  (mediaType: string): Change =>
  (facts) => {
    imageIn(facts, 'arm64').mediaType = mediaType
  }
const threeTypes = (descriptor: string, answer: string, manifest: string) =>
  `descriptor: ${descriptor}; Content-Type: ${answer}; manifest: ${manifest}`

test.each<[string, Change, string]>([
  [
    'a descriptor that says another type than the manifest is an error',
    listed(dockerManifest),
    threeTypes(dockerManifest, ociManifest, ociManifest),
  ],
  [
    'an answer that says another type than the manifest is an error',
    answered('text/plain'),
    threeTypes(ociManifest, 'text/plain', ociManifest),
  ],
  [
    'a manifest that says another type than index and answer is an error',
    itself(dockerManifest),
    threeTypes(ociManifest, ociManifest, dockerManifest),
  ],
  [
    'a manifest without a type of its own can still be called by two',
    all(itself(''), answered(dockerManifest)),
    `descriptor: ${ociManifest}; Content-Type: ${dockerManifest}`,
  ],
])('%s', (_sentence, change, actual) => {
  expect(faultsOf(check, change)).toEqual([{ ...finding, actual }])
})

test('two indexes that call one manifest by different types are an error, though the first is right', () => {
  const change: Change = (facts) => {
    const uses = manifestIn(facts, 'arm64').uses
    uses.push({ parent: digestOf('another index'), field: 'manifests[0]', mediaType: dockerManifest })
  }
  expect(faultsOf(check, change)).toEqual([
    {
      ...finding,
      actual: `descriptor: ${ociManifest}; ${threeTypes(dockerManifest, ociManifest, ociManifest)}`,
    },
  ])
})

test('a tag’s manifest has no descriptor, and its answer is compared with itself', () => {
  const change = withManifest('index', read(indexOf(), ociManifest))
  expect(faultsOf(check, change)).toEqual([
    {
      ...finding,
      ...about('index'),
      actual: `Content-Type: ${ociManifest}; manifest: ${ociIndex}`,
    },
  ])
})

test('an attestation of two types is a warning', () => {
  expect(faultsOf(check, answered('text/plain', 'amd64 attestation'))).toMatchObject([
    { severity: 'warning', platforms: ['attestation'] },
  ])
})

test.each<Quiet>([
  ['manifests of one type everywhere are right', () => {}],
  ['a manifest of OCI needs no type of its own', itself('')],
  ['an answer without a content type contradicts nobody', answered('')],
  ['a descriptor without a type contradicts nobody', listed('')],
  [
    'an index that says nothing of itself is what the answer says',
    (facts) => {
      indexIn(facts).mediaType = ''
    },
  ],
  [
    'Docker’s types are as good as OCI’s',
    all(listed(dockerManifest), answered(dockerManifest), itself(dockerManifest)),
  ],
  [
    'a manifest that could not be read is told as that',
    withManifest('arm64', malformed('not valid JSON', 'text/plain')),
  ],
  ['a manifest that is gone has no type', withManifest('arm64', absent())],
  ['a manifest that was not seen has no type', withManifest('arm64', unseen('rate-limited'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
