import { expect, test } from 'vitest'
import check from '../../../src/checks/image/unverifiable-digest.ts'
import {
  absent,
  all,
  type BlobName,
  blobIn,
  type Change,
  faultsOf,
  type ManifestName,
  manifestIn,
  type Quiet,
  repository,
  unseen,
  withBlob,
  withManifest,
} from '../../support/facts.ts'

const blake = 'blake3:abcdef0123456789'
const manifestIs =
  (name: ManifestName, digest: string): Change =>
  (facts) => {
    manifestIn(facts, name).digest = digest
  }
const blobIs =
  (name: BlobName, digest: string): Change =>
  (facts) => {
    blobIn(facts, name).digest = digest
  }
const finding = {
  subject: `${repository}@${blake}`,
  repository,
  digest: blake,
  severity: 'warning',
  message: 'unknown digest algorithm “blake3”',
  cause: repository,
}

test('a blob under an unknown algorithm is there, and unverified', () => {
  expect(faultsOf(check, blobIs('base layer', blake))).toEqual([
    { ...finding, platforms: ['linux/amd64', 'linux/arm64'] },
  ])
})

test('a manifest under an unknown algorithm is there, and unverified', () => {
  expect(faultsOf(check, manifestIs('arm64', blake))).toEqual([{ ...finding, platforms: ['linux/arm64'] }])
})

test.each<Quiet>([
  ['digests of sha256 are known', () => {}],
  ['digests of sha512 are known', all(blobIs('base layer', `sha512:${'ab'.repeat(64)}`))],
  ['a tag that gave no digest has none to judge', manifestIs('index', '')],
  ['a blob that is gone is told as that', all(withBlob('base layer', absent()), blobIs('base layer', blake))],
  [
    'a manifest that is gone is told as that',
    all(withManifest('arm64', absent()), manifestIs('arm64', blake)),
  ],
  [
    'a blob that was not seen is not told as unverified',
    all(withBlob('base layer', unseen('rate-limited')), blobIs('base layer', blake)),
  ],
  [
    'a manifest that was not seen is not told as unverified',
    all(withManifest('arm64', unseen('rate-limited')), manifestIs('arm64', blake)),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
