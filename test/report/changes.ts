import type { TroubleKind } from '../../src/core/model.ts'
import {
  absent,
  absentWithoutCode,
  all,
  altered,
  blobIn,
  blobSees,
  type Change,
  cut,
  digestOf,
  hostIn,
  imageOf,
  indexOf,
  length,
  malformed,
  manifestIn,
  manifestSees,
  otherTroubles,
  oversized,
  proven,
  read,
  refused,
  repositoryIn,
  repositoryOf,
  seen,
  targetIn,
  unseen,
} from '../support/facts.ts'

/** Nothing answered: the tag was never resolved, so nothing below it was looked at. */
export const neverAnswered =
  (kind: TroubleKind): Change =>
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
        neighbours: { tags: ['1.0', '1.1'], more: false },
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
    for (const blob of repository.blobs.slice(1)) blob.sight = absent()
    facts.image.repositories = [repository]
  }

/** A certificate that ends in so many days. */
export const certificateEnds =
  (days: number): Change =>
  (facts) => {
    const host = hostIn(facts)
    if (host.tls) host.tls.validTo = facts.road.at + days * 86_400_000
  }

/** Facts that are broken, one way each. */
export const broken: [sentence: string, change: Change][] = [
  ['a platform image is gone', manifestSees('arm64', absent())],
  ['a platform image is gone, without a code', manifestSees('arm64', absentWithoutCode())],
  ['a platform image is elsewhere', manifestSees('arm64', absent('team/builds'))],
  ['the index itself is gone', manifestSees('index', absent())],
  ['a manifest has other bytes', manifestSees('amd64', altered())],
  ['a manifest is too large', manifestSees('amd64', oversized())],
  ['a manifest is malformed', manifestSees('amd64', malformed('it is no valid JSON'))],
  ['a manifest is of schema 1', manifestSees('amd64', read({ kind: 'schema1', mediaType: '' }))],
  ['the index lists nothing', manifestSees('index', read(indexOf()))],
  ['an attestation is gone', manifestSees('amd64 attestation', absent())],
  ['a configuration is gone', blobSees('amd64 config', absent())],
  ['a layer is gone', blobSees('base layer', absent())],
  ['a layer breaks off', blobSees('amd64 layer', cut(100))],
  ['a layer breaks off somewhere', blobSees('amd64 layer', cut(100, true))],
  ['a layer never begins', blobSees('amd64 layer', cut(0))],
  ['a layer is too short', blobSees('amd64 layer', length(100, undefined))],
  ['a layer is longer, and intact', blobSees('amd64 layer', length(4000, true))],
  ['a layer has other bytes', blobSees('amd64 layer', altered())],
  ['a layer was only opened', blobSees('base layer', proven('opened', 65_536))],
  ['the tag is gone', tagGone],
  ['many layers are gone', manyLayersGone(20)],
  ['a certificate ends soon', certificateEnds(3)],
  [
    'requests were repeated',
    (facts) => {
      hostIn(facts).retries = ['503', '503', 'ECONNRESET']
    },
  ],
  [
    'a configuration is broken',
    (facts) => {
      blobIn(facts, 'amd64 config').config = { ok: false, problem: 'it is no valid JSON' }
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
    (facts) => {
      repositoryIn(facts).quirks = { 'ranges-ignored': 1, 'head-unsupported': 2, 'content-encoded': 3 }
    },
  ],
  ...otherTroubles('run-stopped').map((kind): [string, Change] => [
    `nothing answered: ${kind}`,
    neverAnswered(kind),
  ]),
  ...otherTroubles('run-stopped').map((kind): [string, Change] => [
    `a part was not seen: ${kind}`,
    all(manifestSees('arm64', unseen(kind)), blobSees('base layer', unseen(kind, 'cdn.example.com'))),
  ]),
]
