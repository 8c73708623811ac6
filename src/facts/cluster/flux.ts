import * as z from 'zod'
import { pullErrorSchema } from './messages/parse.ts'

const count = z.int().min(0)
const name = z.string().describe('Kind, namespace and name: `HelmRelease shop/api`.')

/** How an object that takes from a source stands. `ready` is for its current generation. */
const dependentStates = ['ready', 'waiting', 'failing', 'stale', 'suspended'] as const

/** A source of Flux whose last fetch failed. */
const fluxSourceSchema = z.object({
  name,
  error: pullErrorSchema,
  /** The reason of its condition. */
  reason: z.string(),
  /** Its message, safe to print. */
  text: z.string(),
  /** What was fetched before is still there, and its controllers go on with it. */
  hasArtifact: z.boolean(),
  /**
   * `unaffected`: everything that takes from it is ready with what was fetched before. `blocked`: there is nothing, or what was asked for
   * since was not fetched, or something waits.
   */
  outcome: z.enum(['unaffected', 'blocked']),
  dependents: z.array(z.object({ name, state: z.enum(dependentStates) })),
  dependentCount: count,
})
export type FluxSource = z.infer<typeof fluxSourceSchema>

/**
 * What a release or a kustomization waits for in vain. `not-seen`: it does not exist, or was not read; `circular`: it waits for the object
 * itself.
 */
const fluxBlameSchema = z.object({ name, state: z.enum(['not-seen', 'suspended', 'circular']) })
export type FluxBlame = z.infer<typeof fluxBlameSchema>

/** A release or a kustomization that is not ready, and that stands below no source that failed. */
const fluxFailureSchema = z.object({
  name,
  namespace: z.string(),
  reason: z.string(),
  text: z.string(),
  /** Images in its namespace that pods wait for now. */
  pulls: z.array(z.string()),
  /** What it waits for; absent where it fails by itself. */
  blames: fluxBlameSchema.exactOptional(),
})

export const fluxSchema = z.object({
  counts: z.object({ sources: count, releases: count, kustomizations: count }),
  sources: z.array(fluxSourceSchema),
  failures: z.array(fluxFailureSchema),
  /** Not judged, because it is suspended. */
  suspended: z.array(z.string()),
  /** Not judged, because its status is of an older generation. */
  stale: z.array(z.string()),
})
export type FluxFact = z.infer<typeof fluxSchema>
