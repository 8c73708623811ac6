import * as z from 'zod'
import { failureKinds } from '../../core/failure.ts'
import { severities } from '../../core/finding.ts'
import { proofs } from '../../core/proof.ts'

/** Milliseconds since the epoch. */
const time = z.number()

const faultSchema = z.object({
  /** The check that found it. */
  id: z.string(),
  severity: z.enum(severities),
  /** The object at fault, if it has a digest. */
  digest: z.string().exactOptional(),
  subject: z.string(),
  message: z.string(),
  title: z.string(),
  advice: z.string(),
  platforms: z.array(z.string()),
  firstSeen: time,
  lastSeen: time,
  /** When a second look agreed; only then the fault counts. */
  confirmed: time.exactOptional(),
})
/** A fault of a tag or an image, for as long as it lasts. */
export type WatchFault = z.infer<typeof faultSchema>

export const tagSchema = z.object({
  /** What it referred to when it was last resolved. */
  digest: z.string().exactOptional(),
  firstSeen: time,
  /** When it was last seen to refer to something else than before. */
  moved: time.exactOptional(),
  fault: faultSchema.exactOptional(),
})
type TagState = z.infer<typeof tagSchema>

export const imageSchema = z.object({
  /** The digest that tags refer to. */
  digest: z.string(),
  isIndex: z.boolean(),
  firstSeen: time,
  /** The manifests that it lists, itself excluded; attestations and nested indexes included. */
  manifests: z.array(z.string()),
  blobs: z.array(z.string()),
  /** The last time that its graph was read. */
  lastRead: time,
  /** Since when a part of it could not be read: it is read again, ever more rarely. */
  incompleteSince: time.exactOptional(),
  faults: z.array(faultSchema),
})
/** An image that tags refer to, with its graph, which never changes. */
export type ImageState = z.infer<typeof imageSchema>

export const objectSchema = z.object({
  digest: z.string(),
  /** A configuration is read whole, a layer by its end. */
  kind: z.enum(['manifest', 'config', 'layer']),
  size: z.number(),
  mediaType: z.string(),
  firstSeen: time,
  /** The last time that anything certain was seen of it, good or bad. */
  lastLooked: time.exactOptional(),
  /** The last time that it was served: a manifest listed, a blob read to its end. */
  lastProven: time.exactOptional(),
  proof: z.enum(proofs).exactOptional(),
  /** The last time that all of it was read and hashed. */
  hashedAt: time.exactOptional(),
  /** Since when it is not served as it should be. */
  firstBroken: time.exactOptional(),
  /** Set where only its hash shows that it is broken. */
  onlyByHash: z.literal(true).exactOptional(),
})
/** A manifest or blob of one repository: its damage differs from that of the same digest elsewhere. */
export type ObjectState = z.infer<typeof objectSchema>

/** One repository. */
export interface RepositoryState {
  name: string
  /** Since when it lists no tags, where so many stopped at once that a second run must agree. */
  emptied?: number
  tags: Map<string, TagState>
  images: Map<string, ImageState>
  objects: Map<string, ObjectState>
}

const verdicts = ['ok', 'partial', 'findings', 'unchecked'] as const
/**
 * How a run ended. `partial`: nothing is broken, and something could not be inspected; `unchecked`: it could not inspect the registry, or
 * there was nothing to inspect; `stopped`: it did not finish.
 */
export const outcomes = [...verdicts, 'stopped'] as const

export const skipReasons = ['overlap', 'locked'] as const

export const codeClasses = ['2xx', '3xx', '4xx', '5xx', 'none'] as const

/** The phases of requests that have metrics. */
const watchedPhases = ['dns', 'connect', 'tls', 'first_byte', 'body'] as const
const phaseMeans = z.partialRecord(z.enum(watchedPhases), z.number())
/** The mean duration of each phase in one run, in milliseconds. */
export type PhaseMeans = z.infer<typeof phaseMeans>

const failureKind = z.enum(Object.keys(failureKinds) as [keyof typeof failureKinds])

const unseenSchema = z.object({
  /** '' for the registry itself. */
  repository: z.string(),
  kind: failureKind,
  /** How many objects. */
  count: z.number(),
  /** The first of them, to be appended to the name of the repository: `:1.0`, `@sha256:…`, `/tags/list`. */
  objects: z.array(z.string()),
  /** Why, in the words of the first failure. */
  detail: z.string(),
})
/** What could not be inspected in one repository for one reason. */
export type Unseen = z.infer<typeof unseenSchema>

const lastRun = z.object({
  at: time,
  ms: z.number(),
  outcome: z.enum(verdicts),
  /** Whether what is to be watched could be listed. */
  listed: z.boolean(),
  repositories: z.number(),
  tags: z.number(),
  indexes: z.number(),
  /** What could not be inspected, by the kind of failure. */
  unknown: z.partialRecord(failureKind, z.number()),
  /** The same by repository, those with most first, and how many more there are. */
  unseen: z.array(unseenSchema),
  unseenMore: z.number(),
  /** Why, in the words of the first failure. */
  why: z.string().exactOptional(),
  phases: z.partialRecord(z.enum(['registry', 'token', 'storage']), phaseMeans),
})
/** The last run over everything that finished. */
export type LastRun = z.infer<typeof lastRun>

const counts = <const K extends readonly [string, ...string[]]>(keys: K) => z.record(z.enum(keys), z.number())

export const registryLine = z.object({
  regguard: z.literal('watch'),
  version: z.literal(2),
  registry: z.string(),
  catalog: z
    .object({
      at: time,
      names: z.array(z.string()),
      /** Which names are kept, by `repo`: with another one the list is of no use. */
      of: z.array(z.string()),
      /** Since when the list is empty; these are its names before that. */
      emptied: time.exactOptional(),
    })
    .exactOptional(),
  lastRun: lastRun.exactOptional(),
  /** The run after it, which did not finish. */
  unfinished: z.object({ at: time, why: z.string() }).exactOptional(),
  /** Why the next run reads everything, where this was seen in a run that could not. */
  pending: z.string().exactOptional(),
  /** The end of the last run that could inspect the registry. */
  lastSuccess: time.exactOptional(),
  runs: counts(outcomes),
  skipped: counts(skipReasons),
  requests: counts(codeClasses),
  bytes: z.number(),
})

/** Everything that is remembered of one registry. A run changes it; nothing else does. */
export type RegistryState = Omit<z.infer<typeof registryLine>, 'regguard' | 'version'> & {
  repositories: Map<string, RepositoryState>
}

const zeros = <K extends string>(keys: readonly K[]) =>
  Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>

/** What is known of a registry before the first run. */
export const emptyState = (registry: string): RegistryState => ({
  registry,
  runs: zeros(outcomes),
  skipped: zeros(skipReasons),
  requests: zeros(codeClasses),
  bytes: 0,
  repositories: new Map(),
})

/** The repository of this name, which is added if it is new. */
export function repositoryIn(state: RegistryState, name: string): RepositoryState {
  const known = state.repositories.get(name)
  if (known) return known
  const fresh: RepositoryState = { name, tags: new Map(), images: new Map(), objects: new Map() }
  state.repositories.set(name, fresh)
  return fresh
}

/** The tags that refer to each image of a repository. */
export const tagsByImage = ({ tags }: RepositoryState): Map<string, string[]> => {
  const found = new Map<string, string[]>()
  for (const [tag, { digest }] of tags)
    if (digest !== undefined) found.set(digest, [...(found.get(digest) ?? []), tag])
  return found
}
