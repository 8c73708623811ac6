import * as z from 'zod'
import type { Group } from './groups.ts'

/** What the stages need to know of a kind of failure. */
export interface FailureInfo {
  /** The group whose check reports it. */
  group: Group
  /** How often the request is sent again; 0 for what does not pass by itself. */
  retries: number
  /** The registry, or the token or storage server it named, answered: the registry was reached. */
  answered?: true
  /** The host sent no answer at all; several in a row mean that it is down. */
  noAnswer?: true
  /** Packets to the host were lost, or had no route. */
  unreachable?: true
  /** The registry refused: the login itself, or what this account may do. It may have what was asked for. */
  refusal?: 'login' | 'rights'
  /** HEAD alone may be refused: some servers allow only GET. */
  maybeOnlyHead?: true
  /** A server between us and the image failed; 502, 503 and 504 are retried as a registry's own are. */
  intermediary?: true
  /** The certificate was read, so the server speaks TLS. */
  certificate?: true
  /** Keeps its kind behind a redirect, where every other failure becomes `storage-unreachable`. */
  keptBehindRedirect?: true
}

/**
 * Every kind of failure that keeps something from being observed. Each has a check and a page of its own. Retry counts:
 * docs/decisions/0003-repeat-before-blame.md.
 */
export const failureKinds = {
  'name-not-resolved': { group: 'path', retries: 1, noAnswer: true },
  'connection-refused': { group: 'path', retries: 1, noAnswer: true },
  'connection-timeout': { group: 'path', retries: 1, noAnswer: true, unreachable: true },
  'host-unreachable': { group: 'path', retries: 0, noAnswer: true, unreachable: true },
  'connection-cut': { group: 'path', retries: 2, noAnswer: true },
  'answer-timeout': { group: 'path', retries: 1, noAnswer: true },
  'tls-untrusted': { group: 'path', retries: 0, noAnswer: true, certificate: true },
  'tls-expired': { group: 'path', retries: 0, noAnswer: true, certificate: true },
  'tls-name-mismatch': { group: 'path', retries: 0, noAnswer: true, certificate: true },
  'tls-plain-http': { group: 'path', retries: 0, noAnswer: true },
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
  'insufficient-scope': {
    group: 'registry',
    retries: 0,
    answered: true,
    refusal: 'rights',
    maybeOnlyHead: true,
  },
  'auth-challenge-missing': { group: 'registry', retries: 0, answered: true },
  'auth-challenge-invalid': { group: 'registry', retries: 0, answered: true },
  'token-server-unreachable': { group: 'registry', retries: 1, answered: true, intermediary: true },
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

/** What is known of a kind. */
export const failureInfo = (kind: FailureKind): FailureInfo => failureKinds[kind]

/** The part of a request that was under way. */
const phase = z.enum(['dns', 'connect', 'tls', 'request', 'headers', 'body', 'token', 'redirect'])
export type Phase = z.infer<typeof phase>

/**
 * Why something was not observed. `detail` is part of a sentence, for people; `evidence` may hold text from outside. Whatever
 * decides something stands in a field of its own.
 */
export const failureSchema = z.object({
  kind: z.enum(kinds),
  /** Name and port, as the URL has them. */
  host: z.string(),
  phase,
  detail: z.string(),
  evidence: z.array(z.string()),
  /** The HTTP status, where an answer came. */
  status: z.number().exactOptional(),
  /** The IP addresses that were tried. */
  addresses: z.array(z.string()).exactOptional(),
  port: z.number().exactOptional(),
  /** How long the phase took, or was waited for, in milliseconds. */
  ms: z.number().exactOptional(),
  /** The URL that was asked, without its query and without a login. */
  url: z.string().exactOptional(),
})
export type Failure = z.infer<typeof failureSchema>
