import { byOwnPort, byShadow } from './address-links.ts'
import { byAnswer, byOtherServer, bySameObject } from './image-links.ts'
import type { Linking } from './link.ts'
import { byConntrack, byNoEgress, byUplinkMtu, nameFaults } from './runner-links.ts'

/** A combination of causes of different groups that one run can have. */
export interface Combination {
  /** What may have come first: ids of findings, warnings included or as errors only. */
  first: readonly string[] | { errors: readonly string[] }
  /** What may be its consequence. */
  after: readonly string[]
  link: Linking
}

const connections = ['connection-timeout', 'connection-refused', 'host-unreachable', 'connection-cut']
const stalls = ['tls-timeout', 'answer-timeout']
const pathMtu = ['tls-handshake-timeout-pmtu', 'tls-large-clienthello-dropped']
const behind = ['storage-unreachable', 'token-server-unreachable']
/** Ports of this host that do not answer. */
const ownPorts = [
  'host-tcp-blackhole',
  'host-firewall-reject',
  'host-port-refused',
  'host-listener-starved',
  'host-unreachable-from-runner',
  'listener-backlog-overflow',
]
/** What a registry answers that it does not have. */
const answeredAsGone = [
  'tag-missing',
  'orphaned-index',
  'config-missing',
  'layer-missing',
  'child-not-linked',
  'stale-blob-cache',
  'referrer-missing',
  'subject-missing',
  'attestation-missing',
]

/**
 * Every combination of causes of different groups whose relation can be told from facts. The first row that says something of two
 * causes counts. Findings that a check covers (`covers`) are under its cause already, and need no row.
 */
export const combinations: readonly Combination[] = [
  {
    first: ['docker-mtu-exceeds-uplink', 'mss-clamp-missing', 'mss-clamp-one-way'],
    after: pathMtu,
    link: byUplinkMtu,
  },
  {
    first: ['docker-subnet-shadows-peer'],
    after: [...connections, ...stalls, ...behind],
    link: byShadow,
  },
  {
    first: ownPorts,
    after: [...connections, ...stalls, ...behind],
    link: byOwnPort,
  },
  {
    first: ['step-no-egress'],
    // A refused or a cut connection is an answer.
    after: [
      ...['connection-timeout', 'host-unreachable', 'endpoint-failing', 'egress-failing'],
      ...nameFaults,
      ...behind,
    ],
    link: byNoEgress,
  },
  {
    first: ['conntrack-near-full'],
    after: ['connection-timeout', 'egress-failing', 'endpoint-failing', ...behind],
    link: byConntrack,
  },
  {
    first: ['storage-orphaned-index', 'storage-manifest-damaged', 'storage-link-broken'],
    after: [
      'orphaned-index',
      'child-not-linked',
      'manifest-corrupt',
      'manifest-invalid',
      'attestation-missing',
    ],
    link: bySameObject,
  },
  {
    first: ['storage-blob-missing', 'storage-layer-link-missing', 'storage-link-broken'],
    after: ['layer-missing', 'config-missing', 'stale-blob-cache'],
    link: bySameObject,
  },
  {
    first: ['storage-blob-truncated', 'storage-blob-corrupt', 'storage-size-mismatch'],
    after: ['blob-truncated', 'blob-corrupt', 'size-mismatch', 'layer-archive-invalid', 'config-invalid'],
    link: bySameObject,
  },
  {
    first: ['storage-tag-dangling', 'storage-tag-broken'],
    after: ['tag-missing', 'registry-metadata-corrupt'],
    link: bySameObject,
  },
  {
    first: [
      'resolver-disagreement',
      'search-domain-answer',
      'container-host-dns-differ',
      'registry-not-internal',
      'public-resolvers-only',
      'pin-missing',
      'pin-stale',
      'pin-wrong-host',
    ],
    after: answeredAsGone,
    link: byOtherServer,
  },
  {
    first: { errors: [...connections, ...stalls, ...pathMtu, ...ownPorts] },
    after: answeredAsGone,
    link: byAnswer,
  },
]
