import * as z from 'zod'
import { abortKinds, gcVersions, lossReasons, unseenReasons } from '../queries/storage/forecast/collection.ts'

const count = z.int().min(0)
const bytes = z.number().min(0)
/** The first of a list, and how many there are. */
const firstOf = <T extends z.ZodType>(item: T) => z.object({ first: z.array(item), total: count })

export const likelihoods = ['expected', 'possible', 'comparison'] as const
export type Likelihood = (typeof likelihoods)[number]

const abort = z.object({
  /** The step that it stops in: `mark` changes nothing. */
  at: z.enum(['mark', 'revisions', 'list', 'blobs', 'layers']),
  kind: z.enum(abortKinds),
  /** Relative to the root of the layout (`docker/registry/v2`). */
  path: z.string(),
  why: z.string(),
  /** The digest that the path names, whose data exists: what a link there should hold. */
  digest: z.string().exactOptional(),
})
/** A place where a garbage collection stops. */
export type AbortFact = z.infer<typeof abort>

const platformLoss = z.object({
  /** `os/architecture[/variant]` as the index names it; empty for an image that no index names. */
  platform: z.string(),
  /** Its manifest. */
  digest: z.string(),
  reason: z.enum(lossReasons),
  /** `shared`: the repository because of which the manifest was not read here. */
  other: z.string().exactOptional(),
  manifest: z.boolean(),
  config: z.boolean(),
  layers: count,
  bytes,
  /** All of it exists now, so that it can be repaired from what is on disk. */
  whole: z.boolean(),
  /** The media type of the manifest, as a repair has to name it; empty if it is not known. */
  mediaType: z.string(),
})
/** What one platform of an image loses. */
export type PlatformLoss = z.infer<typeof platformLoss>

const imageLoss = z.object({
  repository: z.string(),
  /** The tags that point to it. */
  tags: firstOf(z.string()),
  digest: z.string(),
  platforms: firstOf(platformLoss),
  /** How many platforms it has. */
  of: count,
  /** In a run that is `isPartial`: its own repository loses the links, whatever stands in what was not read. */
  isCertain: z.literal(true).exactOptional(),
})
/** What an image loses. */
export type ImageLoss = z.infer<typeof imageLoss>

const run = z.object({
  version: z.enum(gcVersions),
  deleteUntagged: z.boolean(),
  /**
   * `expected`: the settings say that it is run, or leave that open. `possible`: with `--delete-untagged`, of which the settings say nothing.
   * `comparison`: without, where they say that it is run with it.
   */
  likelihood: z.enum(likelihoods),
  /**
   * A part of the storage was not read. What repositories that were read wholly lose is listed; the collection keeps of that what something
   * else needs that was not read.
   */
  isPartial: z.literal(true).exactOptional(),
  /** In the order in which the collection comes to them. The rest is what it does once all of them are repaired. */
  aborts: firstOf(abort),
  /** Images that can be pulled now, and cannot afterwards. */
  breaks: firstOf(imageLoss),
  /** Images that cannot be pulled now, and lose what is left of them. */
  losesRepair: firstOf(imageLoss),
  /** Repositories without a folder of tags whose images lose everything but their links. */
  emptied: firstOf(z.object({ repository: z.string(), images: count })),
  /** Repositories that the collection does not see, or in which it sees no manifest, and of which it deletes something. */
  unseen: firstOf(z.object({ repository: z.string(), why: z.enum(unseenReasons) })),
  /** What refers to an image that stays, and goes itself: signatures, SBOMs, attestations. */
  referrers: firstOf(
    z.object({
      repository: z.string(),
      /** The image that they are about. */
      subject: z.string(),
      types: z.array(z.string()),
      count,
    }),
  ),
  removed: z.object({
    /** Revisions without a tag. */
    revisions: count,
    /** Entries in the histories of tags. */
    history: count,
    layerLinks: count,
  }),
  freed: z.object({
    blobs: count,
    bytes,
    /** The largest. A blob counts for the first repository by name that links it. */
    byRepository: firstOf(z.object({ repository: z.string(), blobs: count, bytes })),
  }),
})
/** What one garbage collection does. */
export type ForecastRun = z.infer<typeof run>

const difference = firstOf(z.string())
const comparison = z.discriminatedUnion('state', [
  /** The text is no output of a dry run, or not of a whole one. */
  z.object({ state: z.literal('unusable'), why: z.string() }),
  z.object({
    state: z.literal('compared'),
    version: z.enum(gcVersions),
    deleteUntagged: z.boolean(),
    /** How many deletions both name. */
    same: count,
    onlyDryRun: difference,
    onlyForecast: difference,
  }),
])
/** How a dry run of the program compares with the forecast. */
export type DryRunComparison = z.infer<typeof comparison>

/** What the next garbage collection does: by version, and with and without `--delete-untagged`. */
export const forecastSchema = z.object({
  runs: z.array(run),
  /** Only if the text of a dry run was given. */
  dryRun: comparison.exactOptional(),
})
export type ForecastFact = z.infer<typeof forecastSchema>
