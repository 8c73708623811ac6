import * as z from 'zod'

const count = z.int().min(0)

/** Damage to a manifest or a blob, as one repository serves it. */
const damageSchema = z.object({
  digest: z.string(),
  role: z.enum(['index', 'manifest', 'config', 'layer', 'blob']),
  /**
   * `link`: its link in this repository. `data`: its bytes, which all repositories share. `document`: its bytes are no manifest.
   * `descriptor`: a manifest states a wrong size for whole data.
   */
  place: z.enum(['link', 'data', 'document', 'descriptor']),
  state: z.enum(['missing', 'empty', 'malformed', 'other', 'corrupt', 'wrong-size', 'invalid']),
  /** Bytes, where a size is wrong. */
  stated: z.number().exactOptional(),
  actual: z.number().exactOptional(),
  /** Why the bytes are no manifest. */
  why: z.string().exactOptional(),
  /** The manifest that states the size. */
  statedBy: z.string().exactOptional(),
})
export type Damage = z.infer<typeof damageSchema>

const platformSchema = z.object({
  /** As the index says; empty if it says nothing. */
  platform: z.string(),
  digest: z.string(),
  /** `absent`: the storage has no trace of it. `unknown`: something of it could not be read. */
  state: z.enum(['whole', 'broken', 'absent', 'unknown']),
  /** Only links are damaged, which can be written again: all bytes are there. */
  restorable: z.boolean(),
  /** The damage to its manifest, to the nested indexes above it and to its blobs; the first of it. */
  damage: z.array(damageSchema),
  damageCount: count,
})
export type StoredPlatform = z.infer<typeof platformSchema>

/** What can be done about an image with what is on disk. `fetch-again`: a pull-through cache does it. `none`: nothing has to be done. */
export const outcomes = [
  'restore',
  'restore-platforms',
  'roll-back',
  'rebuild',
  'fetch-again',
  'none',
] as const

/** A manifest that a tag points to, or that nothing in its repository names, and that cannot be pulled whole. */
const storedImageSchema = z.object({
  repository: z.string(),
  digest: z.string(),
  kind: z.enum(['index', 'image', 'other']),
  /** The tags that point to it; the first of them. If there are none, it can be pulled by its digest alone. */
  tags: z.array(z.string()),
  tagCount: count,
  /** The damage to the manifest itself. */
  top: z.array(damageSchema),
  /** The images that a client chooses from; for an image, itself. Those of an index that are whole are only counted. */
  platforms: z.array(platformSchema),
  platformCount: count,
  wholeCount: count,
  /** Entries of `unknown/unknown`, which no client chooses. */
  attestations: z.object({ listed: count, broken: count }),
  outcome: z.enum(outcomes),
  /**
   * For each of the listed tags the newest digest in its history that is whole, if there is one; `at` in milliseconds. `others` are as
   * new, as far as the times tell.
   */
  rollBacks: z.array(
    z.object({
      ...{ tag: z.string(), digest: z.string(), at: z.number().exactOptional() },
      others: z.array(z.string()).exactOptional(),
    }),
  ),
})
export type StoredImage = z.infer<typeof storedImageSchema>

/** The images of a storage: those that are whole are counted, the others listed. */
export const storedImagesSchema = z.object({
  /** The tags, and the manifests that they point to. */
  tags: count,
  tagged: count,
  /** Of the tagged ones. */
  whole: count,
  unknown: count,
  broken: z.array(storedImageSchema),
  /** How many more are broken than are listed. */
  more: count,
})
