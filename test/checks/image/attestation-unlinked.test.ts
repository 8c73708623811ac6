import { expect, test } from 'vitest'
import check from '../../../src/checks/image/attestation-unlinked.ts'
import {
  about,
  absent,
  alsoManifest,
  type Change,
  digestOf,
  faultsOf,
  indexIn,
  manifestIn,
  type Quiet,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const finding = {
  ...about('amd64 attestation', 'attestation'),
  severity: 'warning',
  message: 'refers to no image of this index',
  expected: 'vnd.docker.reference.digest names an image of the same index',
}

const annotate =
  (annotations: Record<string, string> | undefined): Change =>
  (facts) => {
    const { descriptor } = manifestIn(facts, 'amd64 attestation')
    if (descriptor) descriptor.annotations = annotations
  }

test('an attestation of an image that the index does not list is unlinked', () => {
  const other = digestOf('another image')
  expect(faultsOf(check, annotate({ 'vnd.docker.reference.digest': other }))).toEqual([
    { ...finding, actual: other },
  ])
})

test.each<[string, Record<string, string> | undefined]>([
  [
    'an attestation that refers to no image is unlinked',
    { 'vnd.docker.reference.type': 'attestation-manifest' },
  ],
  ['an attestation without annotations is unlinked', undefined],
])('%s', (_sentence, annotations) => {
  expect(faultsOf(check, annotate(annotations))).toEqual([
    { ...finding, actual: 'no vnd.docker.reference.digest' },
  ])
})

test('an attestation that refers to itself is unlinked, even if the index lists it', () => {
  const itself = digestOf('amd64 attestation')
  expect(faultsOf(check, annotate({ 'vnd.docker.reference.digest': itself }))).toEqual([
    { ...finding, actual: itself },
  ])
})

test('an attestation that refers to another attestation is unlinked', () => {
  const other = digestOf('arm64 attestation')
  expect(faultsOf(check, annotate({ 'vnd.docker.reference.digest': other }))).toEqual([
    { ...finding, actual: other },
  ])
})

test('an attestation whose image was removed from the index is unlinked, even if the image exists', () => {
  const change: Change = (facts) => {
    const index = indexIn(facts)
    index.children = index.children.filter(({ digest }) => digest !== digestOf('amd64'))
  }
  expect(faultsOf(check, change)).toEqual([{ ...finding, actual: digestOf('amd64') }])
})

test('an attestation that two indexes list needs its image in only one', () => {
  const faults = faultsOf(check, (facts) => {
    const { uses } = manifestIn(facts, 'amd64 attestation')
    uses.unshift({ parent: digestOf('another index'), field: 'manifests[0]' })
  })
  expect(faults).toEqual([])
})

test.each<Quiet>([
  ['attestations of listed images are linked', () => {}],
  ['an attestation of a missing image is still linked', withManifest('amd64', absent())],
  [
    'an attestation that was not observed is linked by its descriptor',
    withManifest('amd64 attestation', unseen('rate-limited')),
  ],
  ['an image does not need a link to another', withManifest('arm64', absent())],
  ['a referrer is linked by its subject', alsoManifest('sbom', 'referrer', 'referrers[0]', absent())],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
