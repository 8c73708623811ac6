import type { PullKind, PullLeg, PullPhase } from '../../../src/facts/cluster/pull-kinds.ts'

/** An object that the servers have. */
export type Served = {
  digest: string
  mediaType: string
  body: string
  is: 'index' | 'child' | 'config' | 'layer'
}

type Pem = { key: string; cert: string }
export type OriginConfig = {
  addresses: typeof addresses
  certificates: { trusted: Pem; untrusted: Pem; misnamed: Pem; expired: Pem }
  /** What each kind of host has, by digest; the tag 1 by its name. No runtime has any of it from another host. */
  content: Record<string, Record<string, Served>>
}

/** The addresses of the lab. Nobody listens at `refused`, and packets to `dropped` are dropped. */
export const addresses = {
  tls: '10.99.0.1',
  refused: '10.99.0.2',
  dropped: '10.99.0.3',
  plain: '10.99.0.4',
  silent: '10.99.0.5',
  resolver: '10.99.0.53',
}

/** What the table has to make of a message. */
export interface Expected {
  kind: PullKind
  leg?: PullLeg
  phase?: PullPhase
  host?: string
  status?: number
  address?: string
}

type Instead = Partial<Record<string, Expected | undefined>>

/** Docker without the containerd image store names no request for what a registry answers. */
const docker = (expected: Expected): Instead => ({ 'docker-20': expected, 'docker-29': expected })
/** Where the connection ends in the middle of a layer, and where the registry has less of it, these say the same. */
const short: Instead = Object.fromEntries(
  ['containerd-2', 'containerd-2-local', 'docker-29-store'].map((id) => [
    id,
    { kind: 'blob-truncated', leg: 'layer', phase: 'body' } as const,
  ]),
)
const refusedToken: Expected = {
  kind: 'bad-credentials',
  leg: 'token',
  phase: 'status',
  status: 401,
  host: 'auth.lab',
}
const cut: Expected = { kind: 'connection-cut', phase: 'body' }
const ofDocker = (kind: PullKind): Instead => docker({ kind, phase: 'status' })

/** One way in which a pull fails: the host does what the first label of its name says. */
export interface Fault {
  host: string
  /** Where the name leads; nowhere if it is not in the hosts file. */
  at?: string
  expected: Expected
  /** Clients that do not fail so, with what they do instead; `undefined`: they do not fail, or say nothing of it. */
  instead?: Instead
  /** What clients do in some runs, where two of their own limits end at about the same time. */
  sometimes?: Instead
}

const { tls } = addresses

export const faults: Fault[] = [
  {
    ...{ host: 'dropped.lab', at: addresses.dropped },
    instead: {
      'docker-20': { kind: 'connection-timeout', phase: 'connect' },
      'docker-29': { kind: 'answer-timeout', phase: 'headers' },
    },
    sometimes: { 'docker-29': { kind: 'connection-timeout', phase: 'connect' } },
    expected: { kind: 'connection-timeout', leg: 'resolve', phase: 'connect', address: addresses.dropped },
  },
  {
    ...{ host: 'refused.lab', at: addresses.refused },
    expected: { kind: 'connection-refused', leg: 'resolve', phase: 'connect', address: addresses.refused },
  },
  {
    host: 'unknown.lab',
    expected: { kind: 'name-not-resolved', leg: 'resolve', phase: 'dns', host: 'unknown.lab' },
  },
  {
    host: 'failed.lab',
    expected: { kind: 'name-not-resolved', leg: 'resolve', phase: 'dns', host: 'failed.lab' },
  },
  {
    host: 'silent.lab',
    at: addresses.silent,
    expected: { kind: 'tls-timeout', leg: 'resolve', phase: 'tls' },
  },
  { host: 'untrusted.lab', at: tls, expected: { kind: 'tls-untrusted', leg: 'resolve', phase: 'tls' } },
  { host: 'misnamed.lab', at: tls, expected: { kind: 'tls-name-mismatch', leg: 'resolve', phase: 'tls' } },
  { host: 'expired.lab', at: tls, expected: { kind: 'tls-expired', leg: 'resolve', phase: 'tls' } },
  {
    host: 'plain.lab',
    at: addresses.plain,
    expected: { kind: 'tls-plain-http', leg: 'resolve', phase: 'tls' },
  },
  { host: 'ends.lab', at: tls, expected: { kind: 'connection-cut', leg: 'resolve', phase: 'headers' } },
  {
    host: 'unauthorized.lab',
    at: tls,
    instead: {
      'containerd-2': refusedToken,
      'containerd-2-local': refusedToken,
      ...docker({ kind: 'bad-credentials', leg: 'resolve', phase: 'status' }),
      'docker-29-store': { kind: 'bad-credentials', phase: 'status' },
    },
    expected: { kind: 'bad-credentials', leg: 'token', phase: 'status', status: 401 },
  },
  {
    host: 'denied.lab',
    at: tls,
    instead: {
      ...ofDocker('bad-credentials'),
      'docker-29-store': { kind: 'denied-or-missing', phase: 'status' },
    },
    expected: { kind: 'denied-or-missing', leg: 'resolve', phase: 'status' },
  },
  {
    ...{ host: 'tokenless.lab', at: tls },
    expected: { kind: 'connection-refused', leg: 'token', phase: 'connect', host: 'refused.lab' },
  },
  {
    host: 'forbidden.lab',
    at: tls,
    instead: {
      'docker-20': { kind: 'access-denied', phase: 'status' },
      'docker-29': { kind: 'denied-or-missing', phase: 'status' },
      'docker-29-store': { kind: 'access-denied', phase: 'status' },
    },
    expected: { kind: 'access-denied', leg: 'resolve', phase: 'status', status: 403 },
  },
  { host: 'missing.lab', at: tls, expected: { kind: 'tag-missing', leg: 'resolve', phase: 'status' } },
  {
    host: 'limited.lab',
    at: tls,
    instead: ofDocker('rate-limited'),
    expected: { kind: 'rate-limited', leg: 'resolve', phase: 'status', status: 429 },
  },
  {
    host: 'broken.lab',
    at: tls,
    instead: docker({ kind: 'registry-error', phase: 'status', status: 500 }),
    expected: { kind: 'registry-error', leg: 'resolve', phase: 'status', status: 500 },
  },
  {
    host: 'unavailable.lab',
    at: tls,
    instead: docker({ kind: 'registry-unavailable', phase: 'status', status: 503 }),
    expected: { kind: 'registry-unavailable', leg: 'resolve', phase: 'status', status: 503 },
  },
  {
    host: 'nochild.lab',
    at: tls,
    instead: ofDocker('tag-missing'),
    expected: { kind: 'orphaned-index', leg: 'child', phase: 'status' },
  },
  { host: 'noconfig.lab', at: tls, expected: { kind: 'config-missing', leg: 'config', phase: 'status' } },
  { host: 'nolayer.lab', at: tls, expected: { kind: 'layer-missing', leg: 'layer', phase: 'status' } },
  {
    host: 'redirecting.lab',
    at: tls,
    instead: {
      'containerd-1': { kind: 'access-denied', leg: 'layer', phase: 'status', status: 403 },
      'docker-20': { kind: 'access-denied', phase: 'status', status: 403 },
      'docker-29': { kind: 'denied-or-missing', phase: 'status' },
    },
    expected: {
      kind: 'storage-forbidden',
      leg: 'storage',
      phase: 'status',
      status: 403,
      host: 'storage.lab',
    },
  },
  {
    host: 'astray.lab',
    at: tls,
    instead: docker({ kind: 'tls-name-mismatch', phase: 'tls' }),
    expected: { kind: 'tls-name-mismatch', leg: 'storage', phase: 'tls', host: 'misnamed.lab' },
  },
  {
    host: 'short.lab',
    at: tls,
    instead: { 'containerd-1': cut, ...docker({ kind: 'blob-corrupt', leg: 'layer', phase: 'content' }) },
    expected: { kind: 'blob-truncated', leg: 'layer' },
  },
  {
    host: 'empty.lab',
    at: tls,
    instead: { 'containerd-1': cut, ...docker({ kind: 'blob-corrupt', leg: 'layer', phase: 'content' }) },
    expected: { kind: 'blob-empty', leg: 'layer' },
  },
  { host: 'other.lab', at: tls, expected: { kind: 'blob-corrupt', leg: 'layer', phase: 'content' } },
  { host: 'cut.lab', at: tls, instead: short, expected: { kind: 'connection-cut', phase: 'body' } },
  {
    host: 'foreign.lab',
    at: tls,
    instead: { 'containerd-2': undefined },
    expected: { kind: 'platform-missing', leg: 'resolve' },
  },
]

/** What the table has to make of what a runtime says of a host; undefined where it does not fail. */
export function expectedOf(runtime: string, host: string): Expected | undefined {
  const fault = faults.find((one) => one.host === host)
  const { expected, instead = {} } = fault ?? {}
  return runtime in instead ? instead[runtime] : expected
}

/** What a runtime does of a host in some runs; undefined where it always does the same. */
export const sometimesOf = (runtime: string, host: string): Expected | undefined =>
  faults.find((one) => one.host === host)?.sometimes?.[runtime]
