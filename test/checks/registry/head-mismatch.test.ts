import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/head-mismatch.ts'
import type { ManifestHead } from '../../../src/facts/image.ts'
import { ociIndex, ociManifest } from '../../../src/oci/media-types.ts'
import {
  about,
  all,
  type Change,
  digestOf,
  faultsOf,
  indexOf,
  manifestIn,
  type Quiet,
  read,
  registry,
  seen,
  tagged,
  targetIn,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const right: ManifestHead = {
  status: 200,
  contentType: ociIndex,
  digest: digestOf('index'),
  lengthBytes: 1200,
}
const tagHead =
  (change: Partial<ManifestHead>): Change =>
  (facts) => {
    targetIn(facts).head = seen({ ...right, ...change })
  }
const digestHead =
  (change: Partial<ManifestHead>): Change =>
  (facts) => {
    manifestIn(facts, 'index').byDigest = { head: seen({ ...right, ...change }) }
  }

const other = digestOf('another manifest')
test.each<[string, Partial<ManifestHead>, expected: string, actual: string]>([
  ['type', { contentType: ociManifest }, `Content-Type: ${ociIndex}`, `Content-Type: ${ociManifest}`],
  ['missing type', { contentType: '' }, `Content-Type: ${ociIndex}`, 'no Content-Type'],
  ['length', { lengthBytes: 0 }, 'Content-Length: 1200', 'Content-Length: 0'],
  [
    'digest',
    { digest: other },
    `Docker-Content-Digest: ${digestOf('index')}`,
    `Docker-Content-Digest: ${other}`,
  ],
  [
    'length and type',
    { contentType: 'text/plain', lengthBytes: 7 },
    `Content-Type: ${ociIndex}; Content-Length: 1200`,
    'Content-Type: text/plain; Content-Length: 7',
  ],
])('a HEAD with another %s than GET is an error', (_what, change, expected, actual) => {
  const finding = {
    ...about('index'),
    severity: 'error',
    message: 'HEAD and GET differ',
    expected,
    actual,
    cause: registry,
    because: expect.stringContaining('containerd and Docker'),
  }
  expect(faultsOf(check, tagHead(change))).toEqual([{ ...finding, subject: tagged }])
})

const { lengthBytes: _length, ...withoutLength } = right

test('a HEAD without a length is an error that names Docker, which requires it', () => {
  const faults = faultsOf(check, (facts) => {
    targetIn(facts).head = seen(withoutLength)
  })
  expect(faults).toMatchObject([
    {
      expected: 'Content-Length: 1200',
      actual: 'no Content-Length',
      because: expect.stringMatching(/^Pulls fail in Docker .*“missing or empty Content-Length header”\.$/),
    },
  ])
})

test.each<[Partial<ManifestHead>, string]>([
  [{ lengthBytes: 0 }, 'content size of zero'],
  [{ lengthBytes: 7 }, 'failed size validation'],
  [{ digest: other }, 'not found'],
  [{ contentType: '' }, 'target.MediaType must be set'],
  [{ contentType: 'application/json' }, 'unexpected media type'],
])('%j: clients fail with “%s”', (change, text) => {
  expect(faultsOf(check, tagHead(change))).toMatchObject([{ because: expect.stringContaining(text) }])
})

const pinned: Change = (facts) => {
  for (const use of manifestIn(facts, 'index').uses) use.field = `${tagged}@${digestOf('index')}`
}

test.each<[Partial<ManifestHead>, string]>([
  [{ contentType: ociManifest }, `Content-Type: ${ociManifest}`],
  [{ contentType: '', digest: '' }, 'no Content-Type'],
  [{ lengthBytes: 7, digest: '' }, 'Content-Length: 7'],
])(
  '%j of a HEAD by digest is a warning, and an error where the digest is what people pull',
  (change, actual) => {
    const because = expect.stringMatching(/^Pulls by digest fail in containerd/)
    expect(faultsOf(check, digestHead(change))).toMatchObject([{ severity: 'warning', actual, because }])
    expect(faultsOf(check, all(digestHead(change), pinned))).toMatchObject([{ severity: 'error', actual }])
  },
)

test.each<Quiet>([
  ['the digest of a HEAD by digest is not read by clients', all(digestHead({ digest: other }), pinned)],
  [
    'without a length clients ask for a digest with GET',
    (facts) => {
      manifestIn(facts, 'index').byDigest = { head: seen(withoutLength) }
    },
  ],
  ['without a HEAD there is nothing to compare', () => {}],
  ['the same headers are fine', all(tagHead({}), digestHead({}))],
  [
    'a missing digest is requested with GET by clients',
    all(tagHead({ digest: '' }), digestHead({ digest: '' })),
  ],
  [
    'the length of an encoded answer says nothing',
    (facts) => {
      targetIn(facts).head = seen({ ...withoutLength, encoded: true })
    },
  ],
  ['a HEAD that is refused is another finding', tagHead({ status: 404, contentType: '', lengthBytes: 9 })],
  [
    'a HEAD without an answer is not judged',
    (facts) => {
      targetIn(facts).head = unseen('answer-timeout')
    },
  ],
  [
    'a type that GET states wrongly as well is another finding',
    all(withManifest('index', read(indexOf(), 'text/plain')), tagHead({ contentType: '' })),
  ],
  [
    'a tag that moved has the headers of another manifest',
    (facts) => {
      targetIn(facts).head = seen({ ...right, digest: other, lengthBytes: 9 })
      targetIn(facts).last = seen({ state: 'found', digest: other, sizeBytes: 9 })
    },
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
