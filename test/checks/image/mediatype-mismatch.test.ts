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
    'a descriptor with another type than the manifest is an error',
    listed(dockerManifest),
    threeTypes(dockerManifest, ociManifest, ociManifest),
  ],
  [
    'an answer with another type than the manifest is an error',
    answered(dockerManifest),
    threeTypes(ociManifest, dockerManifest, ociManifest),
  ],
  [
    'a manifest with another type than index and answer is an error',
    itself(dockerManifest),
    threeTypes(ociManifest, ociManifest, dockerManifest),
  ],
  [
    'a manifest without a media type can still have two in other places',
    all(itself(''), answered(dockerManifest)),
    `descriptor: ${ociManifest}; Content-Type: ${dockerManifest}`,
  ],
])('%s', (_sentence, change, actual) => {
  expect(faultsOf(check, change)).toEqual([{ ...finding, actual }])
})

test('two indexes that list one manifest with different types are an error, even if the first is right', () => {
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

test('the manifest of a tag has no descriptor, so only answer and manifest are compared', () => {
  const change = withManifest('index', read(indexOf(), ociManifest))
  expect(faultsOf(check, change)).toEqual([
    {
      ...finding,
      ...about('index'),
      actual: `Content-Type: ${ociManifest}; manifest: ${ociIndex}`,
    },
  ])
})

test('a Docker manifest that does not state its type is an error that names the clients', () => {
  const untyped = all(listed(dockerManifest), itself(''), answered(dockerManifest))
  expect(faultsOf(check, untyped)).toEqual([
    {
      ...finding,
      message: '“mediaType” is missing in a Docker manifest',
      expected: dockerManifest,
      actual: 'no mediaType',
      because: expect.stringContaining('mediaType in manifest should be'),
    },
  ])
})

test('an attestation of two types is a warning', () => {
  expect(faultsOf(check, answered(dockerManifest, 'amd64 attestation'))).toMatchObject([
    { severity: 'warning', platforms: ['attestation'] },
  ])
})

test.each<Quiet>([
  ['manifests with one type everywhere are correct', () => {}],
  ['an OCI manifest does not need a media type', itself('')],
  ['an answer without a content type is another finding', answered('')],
  ['an answer with the type of no manifest is another finding', answered('text/plain')],
  ['a descriptor without a type is no contradiction', listed('')],
  [
    'an index without a media type has that of the answer',
    (facts) => {
      indexIn(facts).mediaType = ''
    },
  ],
  [
    'Docker types are as valid as OCI types',
    all(listed(dockerManifest), answered(dockerManifest), itself(dockerManifest)),
  ],
  [
    'a manifest that could not be parsed is reported by another check',
    withManifest('arm64', malformed('not valid JSON', 'text/plain')),
  ],
  ['a missing manifest has no type', withManifest('arm64', absent())],
  ['a manifest that was not observed has no type', withManifest('arm64', unseen('rate-limited'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
