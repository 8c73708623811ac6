import * as z from 'zod'
import type { Group } from './groups.ts'

/** The properties of a failure kind that the stages use. */
export interface FailureInfo {
  /** The group of the check that reports it. */
  group: Group
  /** How often the request is retried; 0 for a failure that is not temporary. */
  retries: number
  /** The registry, or a token or storage server that it named, answered: the registry was reached. */
  answered?: true
  /** The host did not respond; several of these in a row mean that it is down. */
  noAnswer?: true
  /** It takes seconds to show; after two rounds of it, no more requests are sent to the host. */
  waits?: true
  /** Packets to the host were lost or had no route. */
  unreachable?: true
  /** The registry refused the login, or the account lacks the rights. The object may exist. */
  refusal?: 'login' | 'rights'
  /** Worth a second request by GET: some servers refuse only HEAD. */
  maybeOnlyHead?: true
  /** The failing server is a proxy, token or storage server; its 502, 503 and 504 are retried like those of a registry. */
  intermediary?: true
  /** The server presented a certificate, so it speaks TLS. */
  certificate?: true
  /** Keeps its kind behind a redirect; every other failure becomes `storage-unreachable` there. */
  keptBehindRedirect?: true
}

/**
 * Every kind of failure that prevents an observation. Each has a check and a page with its name. Retry counts:
 * docs/decisions/0008-silence-is-not-refusal.md.
 */
export const failureKinds = {
  'name-not-resolved': { group: 'path', retries: 1, noAnswer: true, waits: true },
  'connection-refused': { group: 'path', retries: 1, noAnswer: true },
  'connection-timeout': { group: 'path', retries: 1, noAnswer: true, waits: true, unreachable: true },
  'host-unreachable': { group: 'path', retries: 0, noAnswer: true, waits: true, unreachable: true },
  'connection-cut': { group: 'path', retries: 2, noAnswer: true },
  'answer-timeout': { group: 'path', retries: 1, noAnswer: true, waits: true },
  'tls-untrusted': { group: 'path', retries: 0, noAnswer: true, certificate: true },
  'tls-expired': { group: 'path', retries: 0, noAnswer: true, certificate: true },
  'tls-name-mismatch': { group: 'path', retries: 0, noAnswer: true, certificate: true },
  'tls-plain-http': { group: 'path', retries: 0, noAnswer: true },
  'tls-timeout': { group: 'path', retries: 0, noAnswer: true, waits: true },
  'tls-failed': { group: 'path', retries: 0, noAnswer: true },
  'tls-client-certificate': { group: 'registry', retries: 0, noAnswer: true },
  'tls-expected': { group: 'path', retries: 0 },
  'proxy-failed': { group: 'path', retries: 0, noAnswer: true, intermediary: true },
  'clock-skew': { group: 'path', retries: 0, answered: true },
  'storage-unreachable': {
    group: 'path',
    retries: 1,
    answered: true,
    intermediary: true,
    keptBehindRedirect: true,
  },
  'registry-unavailable': { group: 'registry', retries: 3, answered: true },
  'registry-error': { group: 'registry', retries: 1, answered: true },
  'rate-limited': { group: 'registry', retries: 3, answered: true },
  'not-a-registry': { group: 'registry', retries: 0, answered: true },
  'answer-invalid': { group: 'registry', retries: 0, answered: true },
  'bad-credentials': { group: 'registry', retries: 0, answered: true, refusal: 'login', maybeOnlyHead: true },
  'access-denied': { group: 'registry', retries: 0, answered: true, refusal: 'rights', maybeOnlyHead: true },
  'denied-or-missing': {
    group: 'registry',
    retries: 0,
    answered: true,
    refusal: 'rights',
    maybeOnlyHead: true,
  },
  'mirror-miss': { group: 'registry', retries: 0, answered: true },
  'insufficient-scope': {
    group: 'registry',
    retries: 0,
    answered: true,
    refusal: 'rights',
    maybeOnlyHead: true,
  },
  'auth-challenge-missing': { group: 'registry', retries: 0, answered: true },
  'auth-challenge-invalid': { group: 'registry', retries: 0, answered: true },
  'token-server-unreachable': { group: 'path', retries: 1, answered: true, intermediary: true },
  'token-response-invalid': { group: 'registry', retries: 0, answered: true },
  'redirect-refused': { group: 'registry', retries: 0, answered: true, keptBehindRedirect: true },
  'redirect-loop': { group: 'registry', retries: 0, answered: true, keptBehindRedirect: true },
  'storage-forbidden': {
    group: 'registry',
    retries: 0,
    answered: true,
    maybeOnlyHead: true,
    keptBehindRedirect: true,
  },
  'credential-helper-failed': { group: 'registry', retries: 0 },
  'run-stopped': { group: 'image', retries: 0, keptBehindRedirect: true },
} as const satisfies Record<string, FailureInfo>

export type FailureKind = keyof typeof failureKinds

const kinds = Object.keys(failureKinds) as [FailureKind, ...FailureKind[]]

/** The properties of a failure kind. */
export const failureInfo = (kind: FailureKind): FailureInfo => failureKinds[kind]

/** The phase of a request in which it failed. */
const phase = z.enum(['dns', 'connect', 'tls', 'request', 'headers', 'body', 'token', 'redirect'])
export type Phase = z.infer<typeof phase>

/**
 * What the failure showed by, where its kind leaves that open: a reset; a connection that was closed in order; an ICMP message of a
 * router or firewall; the routing table of this machine; no answer to ARP or NDP.
 */
const sign = z.enum(['reset', 'close', 'icmp', 'no-route', 'no-neighbour'])
export type FailureSign = z.infer<typeof sign>

/**
 * Why something was not observed. `detail` is part of a sentence for people, and `evidence` may contain text from outside; code
 * decides by the other fields only.
 */
export const failureSchema = z.object({
  kind: z.enum(kinds),
  /** Name and port, as in the URL. */
  host: z.string(),
  phase,
  detail: z.string(),
  evidence: z.array(z.string()),
  /** The HTTP status, if there was a response. */
  status: z.number().exactOptional(),
  /** The error code of the answer, if its body has the format of a registry's errors (distribution-spec, "Error Codes"). */
  code: z.string().exactOptional(),
  /** The IP addresses that were tried. */
  addresses: z.array(z.string()).exactOptional(),
  port: z.number().exactOptional(),
  /** How long the phase took, or the limit that it exceeded, in milliseconds. */
  ms: z.number().exactOptional(),
  sign: sign.exactOptional(),
  /** The URL of the request, without query and credentials. */
  url: z.string().exactOptional(),
})
export type Failure = z.infer<typeof failureSchema>
