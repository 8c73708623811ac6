import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/content-type-invalid.ts'
import { dockerManifest, ociIndex, ociManifest } from '../../../src/oci/media-types.ts'
import {
  about,
  absent,
  all,
  type Change,
  faultsOf,
  imageIn,
  indexIn,
  indexOf,
  type ManifestName,
  malformed,
  manifestIn,
  type Quiet,
  read,
  registry,
  withManifest,
} from '../../support/facts.ts'

const answered =
  (mediaType: string, name: ManifestName = 'arm64'): Change =>
  (facts) => {
    manifestIn(facts, name).observed = read(imageIn(facts, name), mediaType)
  }
const untyped: Change = (facts) => {
  imageIn(facts, 'arm64').mediaType = ''
  for (const use of manifestIn(facts, 'arm64').uses) delete use.mediaType
}

test('a manifest without a Content-Type is an error with the type that it should have', () => {
  expect(faultsOf(check, answered(''))).toEqual([
    {
      ...about('arm64', 'linux/arm64'),
      severity: 'error',
      message: 'Content-Type is missing',
      expected: `Content-Type: ${ociManifest}`,
      actual: 'no Content-Type',
      cause: registry,
      because: expect.stringContaining('containerd'),
    },
  ])
})

test.each(['application/json', 'text/plain', 'application/octet-stream'])(
  '%s is no type of a manifest',
  (type) => {
    expect(faultsOf(check, answered(type))).toMatchObject([
      { message: `Content-Type: ${type}`, actual: `Content-Type: ${type}` },
    ])
  },
)

test('the expected type is the one of the manifest, else of its descriptor, else what its fields mean', () => {
  const docker: Change = (facts) => {
    imageIn(facts, 'arm64').mediaType = ''
    for (const use of manifestIn(facts, 'arm64').uses) use.mediaType = dockerManifest
  }
  const expected = (change: Change) => faultsOf(check, change).map((fault) => fault.expected)
  expect(expected(all(docker, answered('')))).toEqual([`Content-Type: ${dockerManifest}`])
  expect(expected(all(untyped, answered('')))).toEqual([`Content-Type: ${ociManifest}`])
  const bareIndex: Change = (facts) => {
    indexIn(facts).mediaType = ''
    manifestIn(facts, 'index').observed = read(indexIn(facts), '')
  }
  expect(expected(bareIndex)).toEqual([`Content-Type: ${ociIndex}`])
})

test('an attestation without a type is a warning', () => {
  expect(faultsOf(check, answered('', 'amd64 attestation'))).toMatchObject([{ severity: 'warning' }])
})

test.each<Quiet>([
  ['manifests with the type of a manifest are fine', () => {}],
  ['Docker types are as valid as OCI types', answered(dockerManifest)],
  [
    'another type of a manifest is a contradiction, which is another finding',
    withManifest('index', read(indexOf(), ociManifest)),
  ],
  [
    'a manifest that could not be parsed is reported by another check',
    withManifest('arm64', malformed('not valid JSON', '')),
  ],
  ['a missing manifest has no type', withManifest('arm64', absent())],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
