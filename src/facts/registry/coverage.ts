import * as z from 'zod'

const count = z.int().min(0)

/** How much of an image a mirror holds. `unknown`: it was not asked, or did not answer. */
const heldStates = ['whole', 'partial', 'absent', 'unknown'] as const

/**
 * What a mirror is. A `copy` holds what was put into it. A `cache` gets what it lacks from its upstream whenever it is asked, so that
 * asking fills it.
 */
const mirrorKinds = ['copy', 'cache', 'unknown'] as const
export type MirrorKind = (typeof mirrorKinds)[number]

/** An image as its own registry has it now. */
const upstreamSchema = z.object({
  state: z.enum(['has', 'lacks', 'unknown', 'not-asked']),
  /** What its tag refers to there. */
  digest: z.string().exactOptional(),
  why: z.string().exactOptional(),
})
export type Upstream = z.infer<typeof upstreamSchema>

const coveredImage = z.object({
  /** As pods or settings name it. */
  image: z.string(),
  /** Its name in the mirror. */
  at: z.string(),
  state: z.enum(heldStates),
  /** The first objects that the mirror does not serve, and how many there are. */
  lacks: z.array(z.string()),
  lackCount: count,
  /** The platforms that lack something. */
  platforms: z.array(z.string()),
  /** What its tag refers to in the mirror. */
  digest: z.string().exactOptional(),
  upstream: upstreamSchema,
})
export type CoveredImage = z.infer<typeof coveredImage>

const coveredRegistry = z.object({
  mirror: z.string(),
  /** The registry whose images were looked for. */
  registry: z.string(),
  kind: z.enum(mirrorKinds),
  /** Why some are unknown. */
  why: z.string().exactOptional(),
  /** The mirror itself could not be asked. */
  isFailing: z.boolean(),
  counts: z.object({ images: count, whole: count, partial: count, absent: count, unknown: count }),
  /** Those that are not whole, and those whose tag refers to something else than in their registry. */
  images: z.array(coveredImage),
})
export type CoveredRegistry = z.infer<typeof coveredRegistry>

/** Which images are whole in which mirror; with the setting `mirror_coverage`. */
export const coverageSchema = z.object({
  mirrors: z.array(coveredRegistry),
  /** Registries of images for which no mirror is named. */
  unmirrored: z.array(z.object({ registry: z.string(), images: count })),
  /** Images that were not looked for, because there are too many. */
  more: count,
})
export type CoverageFact = z.infer<typeof coverageSchema>
