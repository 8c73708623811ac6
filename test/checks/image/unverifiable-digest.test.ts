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

test('a blob with a digest of an unknown algorithm exists, but is unverified', () => {
  expect(faultsOf(check, blobIs('base layer', blake))).toEqual([
    { ...finding, platforms: ['linux/amd64', 'linux/arm64'] },
  ])
})

test('a manifest with a digest of an unknown algorithm exists, but is unverified', () => {
  expect(faultsOf(check, manifestIs('arm64', blake))).toEqual([{ ...finding, platforms: ['linux/arm64'] }])
})

test.each<Quiet>([
  ['digests of sha256 are known', () => {}],
  ['digests of sha512 are known', all(blobIs('base layer', `sha512:${'ab'.repeat(64)}`))],
  ['a tag without a digest is not judged', manifestIs('index', '')],
  [
    'a missing blob is reported by another check',
    all(withBlob('base layer', absent()), blobIs('base layer', blake)),
  ],
  [
    'a missing manifest is reported by another check',
    all(withManifest('arm64', absent()), manifestIs('arm64', blake)),
  ],
  [
    'a blob that was not observed is not unverifiable',
    all(withBlob('base layer', unseen('rate-limited')), blobIs('base layer', blake)),
  ],
  [
    'a manifest that was not observed is not unverifiable',
    all(withManifest('arm64', unseen('rate-limited')), manifestIs('arm64', blake)),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
