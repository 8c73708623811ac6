import type { ImageConfig } from './oci/config.ts'
import type { Descriptor, ManifestDocument } from './oci/manifest.ts'
import type { Reference } from './oci/reference.ts'
import type { Settings } from './settings/schema.ts'

/** How a group or the whole stands. `off`: not asked for. `unknown`: asked for, and could not be looked at. */
export type Status = 'pass' | 'warn' | 'fail' | 'unknown' | 'off'

/** `error` fails the step, `warning` does with `fail_on: warning`, `note` never does. */
export type Severity = 'error' | 'warning' | 'note'

/** The four things that can be at fault. */
export const groups = ['image', 'registry', 'path', 'runner'] as const
export type Group = (typeof groups)[number]

/** How much a run reads of each blob: that it is listed, that its last byte comes, or all of it. */
export type Depth = 'head' | 'probe' | 'full'

/** What kept this program from seeing something. Each kind has a check, and a page, of its own. */
export type TroubleKind =
  | 'name-not-resolved'
  | 'connection-refused'
  | 'connection-timeout'
  | 'host-unreachable'
  | 'connection-cut'
  | 'answer-timeout'
  | 'tls-untrusted'
  | 'tls-expired'
  | 'tls-name-mismatch'
  | 'tls-plain-http'
  | 'tls-failed'
  | 'registry-unavailable'
  | 'registry-error'
  | 'rate-limited'
  | 'not-a-registry'
  | 'answer-invalid'
  | 'bad-credentials'
  | 'access-denied'
  | 'auth-challenge-missing'
  | 'auth-challenge-invalid'
  | 'token-server-unreachable'
  | 'token-response-invalid'
  | 'redirect-refused'
  | 'redirect-loop'
  | 'storage-unreachable'
  | 'storage-forbidden'
  | 'run-stopped'

/** The part of a request that was under way. */
export type Phase = 'dns' | 'connect' | 'tls' | 'request' | 'headers' | 'body' | 'token' | 'redirect'

/** Why something was not seen. `detail` is a sentence part; `evidence` may hold text from outside. */
export interface Trouble {
  kind: TroubleKind
  host: string
  phase: Phase
  detail: string
  status?: number
  evidence: string[]
}

/** An observation: seen with its value, or not seen with why. */
export type Observed<T> = { seen: true; value: T } | { seen: false; why: Trouble }

/** A registry's own error answer for something it does not serve. */
export interface Refusal {
  status: number
  code: string
  message: string
}

/** One thing to look at. */
export interface Target {
  reference: Reference
  /** The digest that the push reported, from `expect_digest`, `metadata_file` or `digest_file`. */
  expected?: { digest: string; from: string }
}

/** What a tag or digest named when it was asked. */
export type Resolution =
  | { state: 'found'; digest: string; sizeBytes: number }
  | { state: 'absent'; refusal: Refusal; waitedMs: number; neighbours?: Neighbours }

/** What else a repository holds, looked up only when a tag is absent. */
export interface Neighbours {
  tags: string[]
  more: boolean
}

export interface TargetFact {
  target: Target
  /** The fact of the manifest the target named, by its digest, is in the repository's `manifests`. */
  first: Observed<Resolution>
  /** The same question at the end of the walk; absent for a digest and where the first was not answered. */
  last?: Observed<Resolution>
}

/** Who names an object, and as what. */
export interface Use {
  /** The digest of the manifest that names it; '' for a target itself. */
  parent: string
  /** Which of the parent's fields: `manifests[2]`, `config`, `layers[0]`, `subject`, or the tag. */
  field: string
  /** The size that the parent says, in bytes; undefined for a target. */
  sizeBytes?: number
  mediaType?: string
}

/** What an object is for: it decides how bad its loss is. */
export type Role = 'image' | 'attestation' | 'referrer' | 'subject'

export type ManifestSight =
  | {
      state: 'read'
      sizeBytes: number
      contentType: string
      headerDigest: string
      document: ManifestDocument
    }
  | { state: 'absent'; refusal: Refusal; elsewhere: string[] }
  | { state: 'altered'; sizeBytes: number; actual: string; headerDigest: string }
  | { state: 'oversized'; limitBytes: number }
  | { state: 'malformed'; sizeBytes: number; contentType: string; problem: string }

export interface ManifestFact {
  digest: string
  role: Role
  uses: Use[]
  /** The first parent's descriptor; absent for what a target names. */
  descriptor?: Descriptor
  sight: Observed<ManifestSight>
  /** Set where the walk went no further, with the limit that was met. */
  limit?: { what: 'depth' | 'width' | 'cycle' | 'total'; max: number; found: number }
}

/** How a blob was proven: nothing is claimed beyond it. */
export type Proof = 'listed' | 'last-byte' | 'whole' | 'opened'

export type BlobSight =
  | { state: 'proven'; proof: Proof; bytesRead: number }
  | { state: 'absent'; refusal: Refusal }
  /** The registry promised `announced` bytes twice, and `received` came before the end, twice. */
  | { state: 'cut'; announcedBytes: number; receivedBytes: number; atLeast: boolean }
  /** The storage holds another length. `intact`: its bytes have the right digest; undefined: too large to hash. */
  | { state: 'length'; storedBytes: number; intact: boolean | undefined }
  | { state: 'altered'; actual: string; sizeBytes: number }

export interface BlobFact {
  digest: string
  role: Role
  uses: Use[]
  descriptor: Descriptor
  sight: Observed<BlobSight>
  /** A configuration is always read whole. */
  config?: { ok: true; value: ImageConfig } | { ok: false; problem: string }
  /** The digest of the uncompressed content, at depth `full`; the problem where it could not be computed. */
  diffId?: { ok: true; value: string } | { ok: false; kind: 'broken' | 'limit'; problem: string }
  /** The descriptor carries the content itself; does it match? (image-spec, descriptor.md, `data`) */
  inline?: 'matches' | 'differs'
}

/** Oddities of a registry or proxy that are no fault of the image. */
export type Quirk =
  | 'ranges-ignored'
  | 'head-unsupported'
  | 'length-unknown'
  | 'length-zero'
  | 'content-encoded'
  | 'digest-header-missing'

export interface RepositoryFact {
  name: string
  registry: string
  manifests: ManifestFact[]
  blobs: BlobFact[]
  quirks: Partial<Record<Quirk, number>>
  referrers?: Observed<{ count: number; api: 'referrers' | 'tag-schema' }>
}

/** What a whole registry lists, where `catalog` asks for it. */
export interface CatalogFact {
  registry: string
  listed: Observed<{ state: 'listed'; names: string[] } | { state: 'refused'; refusal: Refusal }>
  /** Repositories that are listed and have no tag. */
  empty: string[]
}

/** Everything seen of the images. */
export interface ImageFact {
  depth: Depth
  targets: TargetFact[]
  repositories: RepositoryFact[]
  catalog?: CatalogFact
}

/** What is known of a host that was spoken to. */
export interface HostFact {
  host: string
  roles: ('registry' | 'token' | 'storage')[]
  addresses: string[]
  source: 'address' | 'hosts file' | 'DNS'
  protocol: 'http' | 'https'
  http2: boolean
  tls?: { subject: string; issuer: string; validTo: number; verified: boolean }
  requests: number
  retries: string[]
}

/** The road between this process and the registry, as it was used. */
export interface RoadFact {
  hosts: HostFact[]
  requests: number
  bytes: number
  /** Milliseconds since the epoch when the observation ended. */
  at: number
}

/** All that a run can see. Checks name the facts they need. */
export interface Facts {
  image: ImageFact
  road: RoadFact
}

export type FactName = keyof Facts

/** What a check says. `subject`, `expected`, `actual` and `evidence` may hold text from outside; renderers escape it. */
export interface Finding {
  id: string
  group: Group
  severity: Severity
  /** What it is about, in a form a person can paste: a reference, a digest, a host. */
  subject: string
  message: string
  expected?: string
  actual?: string
  evidence: string[]
  /** One next action. */
  advice: string
  /** Findings of one id with the same key share one cause, told in these words. */
  cause: string
  title: string
  because?: string
  /** The repository, the digest of the object and the platforms it belongs to, where there are any. */
  repository?: string
  digest?: string
  platforms?: string[]
}

/** What a check returns for each fault; what it leaves out comes from the check itself. */
export type Fault = Pick<Finding, 'subject' | 'message'> & Partial<Omit<Finding, 'id' | 'group'>>

/** A check is data: what it is called, what it reads, and a pure function from facts to faults. */
export interface Check<N extends FactName = FactName> {
  /** Also the name of its file, its test and its page. */
  id: string
  group: Group
  /** The good state, in a few words. */
  title: string
  /** The bad state, in one sentence: the words for a cause that a fault doesn't tell better. */
  fault: string
  severity: Severity
  /** What to do next, unless a fault says something better. */
  advice: string
  needs: readonly N[]
  run: (facts: Pick<Facts, N>, settings: Settings) => Fault[]
}

/** Gives the check back; the type of `run` allows only the facts that `needs` names. */
export function defineCheck<const N extends FactName>(check: Check<N>): Check {
  return check as unknown as Check
}

/** Findings that share one explanation. */
export interface Cause {
  id: string
  group: Group
  severity: Severity
  title: string
  because?: string
  advice: string
  /** The page that explains it, from the top of the repository. */
  page: string
  findings: Finding[]
}
