import type { FailureKind } from '../../src/core/failure.ts'
import {
  absent,
  absentWithoutCode,
  all,
  altered,
  blobIn,
  type Change,
  cut,
  digestOf,
  hostIn,
  imageOf,
  indexOf,
  length,
  malformed,
  manifestIn,
  otherFailures,
  oversized,
  proven,
  quirky,
  read,
  refused,
  repositoryOf,
  seen,
  targetIn,
  unseen,
  withBlob,
  withManifest,
} from '../support/facts.ts'

/** Nothing answered: the tag was never resolved, so nothing below it was looked at. */
export const neverAnswered =
  (kind: FailureKind): Change =>
  (facts) => {
    facts.image.targets = [{ target: targetIn(facts).target, first: unseen(kind) }]
    facts.image.repositories = []
  }

/** The tag is not there. */
export const tagGone: Change = (facts) => {
  facts.image.targets = [
    {
      target: targetIn(facts).target,
      first: seen({
        state: 'absent',
        refusal: { ...refused, code: 'MANIFEST_UNKNOWN' },
        waitedMs: 30_000,
        otherTags: { tags: ['1.0', '1.1'], more: false },
      }),
    },
  ]
  facts.image.repositories = []
}

/** One image with so many layers, all of them gone. */
export const manyLayersGone =
  (layers: number): Change =>
  (facts) => {
    const names = Array.from({ length: layers }, (_, at) => `layer ${at}`)
    const repository = repositoryOf([[digestOf('index'), imageOf('amd64 config', ...names)]])
    for (const blob of repository.blobs.slice(1)) blob.observed = absent()
    facts.image.repositories = [repository]
  }

/** A certificate that ends in so many days. */
export const certificateEnds =
  (days: number): Change =>
  (facts) => {
    const host = hostIn(facts)
    if (host.tls) host.tls.validTo = facts.path.at + days * 86_400_000
  }

/** Facts that are broken, one way each. */
export const broken: [sentence: string, change: Change][] = [
  ['a platform image is gone', withManifest('arm64', absent())],
  ['a platform image is gone, without a code', withManifest('arm64', absentWithoutCode())],
  ['a platform image is elsewhere', withManifest('arm64', absent('team/builds'))],
  ['the index itself is gone', withManifest('index', absent())],
  ['a manifest has other bytes', withManifest('amd64', altered())],
  ['a manifest is too large', withManifest('amd64', oversized())],
  ['a manifest is malformed', withManifest('amd64', malformed('not valid JSON'))],
  ['a manifest is of schema 1', withManifest('amd64', read({ kind: 'schema1', mediaType: '' }))],
  ['the index lists nothing', withManifest('index', read(indexOf()))],
  ['an attestation is gone', withManifest('amd64 attestation', absent())],
  ['a configuration is gone', withBlob('amd64 config', absent())],
  ['a layer is gone', withBlob('base layer', absent())],
  ['a layer breaks off', withBlob('amd64 layer', cut(100))],
  ['a layer breaks off somewhere', withBlob('amd64 layer', cut(100, true))],
  ['a layer never begins', withBlob('amd64 layer', cut(0))],
  ['a layer is too short', withBlob('amd64 layer', length(100, undefined))],
  ['a layer is longer, and intact', withBlob('amd64 layer', length(4000, true))],
  ['a layer has other bytes', withBlob('amd64 layer', altered())],
  ['a layer was only opened', withBlob('base layer', proven('opened', 65_536))],
  ['the tag is gone', tagGone],
  ['many layers are gone', manyLayersGone(20)],
  ['a certificate ends soon', certificateEnds(3)],
  [
    'requests were repeated',
    (facts) => {
      hostIn(facts).retries = [
        { kind: 'registry-unavailable', detail: '503' },
        { kind: 'registry-unavailable', detail: '503' },
        { kind: 'connection-cut', detail: 'ECONNRESET' },
      ]
    },
  ],
  [
    'a configuration is broken',
    (facts) => {
      blobIn(facts, 'amd64 config').config = { ok: false, problem: 'not valid JSON' }
    },
  ],
  [
    'a limit was met',
    (facts) => {
      manifestIn(facts, 'index').limit = { what: 'width', max: 2, found: 4 }
    },
  ],
  [
    'every quirk was seen',
    all(quirky('ranges-ignored', 1), quirky('head-unsupported', 2), quirky('content-encoded', 3)),
  ],
  ...otherFailures('run-stopped').map((kind): [string, Change] => [
    `nothing answered: ${kind}`,
    neverAnswered(kind),
  ]),
  ...otherFailures('run-stopped').map((kind): [string, Change] => [
    `a part was not seen: ${kind}`,
    all(withManifest('arm64', unseen(kind)), withBlob('base layer', unseen(kind, 'cdn.example.com'))),
  ]),
]
