import type { ImageConfig } from '../oci/config.ts'
import type { Descriptor, ManifestDocument } from '../oci/manifest.ts'
import type { Reference } from '../oci/reference.ts'
import type { RunnerFact } from './runner.ts'

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
  | 'tls-client-certificate'
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
  | 'credential-helper-failed'
  | 'proxy-failed'
  | 'insufficient-scope'
  | 'denied-or-missing'
  | 'clock-skew'
  | 'tls-expected'
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
  | 'head-unauthorized'
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
  /** The same, asked without a login, where `also_anonymous` wants it. */
  anonymous?: Observed<{ state: 'public' } | { state: 'refused'; detail: string }>
  referrers?: Observed<{ count: number; api: 'referrers' | 'tag-schema' }>
}

/** What a whole registry lists, where `catalog` asks for it. */
export interface CatalogFact {
  registry: string
  listed: Observed<{ state: 'listed'; names: string[] } | { state: 'refused'; refusal: Refusal }>
  /** Repositories that are listed and have no tag. */
  empty: string[]
  /** Repositories whose tags could not be listed. */
  unread: { repository: string; why: Trouble }[]
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
  /** The proxy that was used to reach it. */
  proxy?: string
  /** How far its clock is ahead of ours, in milliseconds, by its last `Date`. */
  skewMs?: number
  /** What it said of its rate limit last. */
  rateLimit?: { limit?: number; remaining: number }
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
  /** Absent where nobody asked for the runner. */
  runner?: RunnerFact
}

export type FactName = keyof Facts
