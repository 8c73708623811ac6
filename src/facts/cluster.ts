import * as z from 'zod'
import { fluxSchema } from './cluster/flux.ts'
import { nodeFactSchema, pullRowSchema, stuckPullSchema } from './cluster/pulls.ts'
import { apiFailureSchema, unreadListSchema } from './cluster/rights.ts'
import { secretsSchema } from './cluster/secrets.ts'
import { viewsSchema } from './cluster/views.ts'

const count = z.int().min(0)

/** Everything seen of a cluster. Lists hold what is wrong; what is well is counted. */
export const clusterSchema = z.object({
  /** The address of the API server; empty where no configuration names one. */
  server: z.string(),
  /** Where the configuration came from: a file, the setting, a service account. */
  from: z.string(),
  context: z.string().exactOptional(),
  /** The namespaces that were asked for; empty for all. */
  namespaces: z.array(z.string()),
  /** Why nothing could be read: the configuration, or the first answer. Absent where the API server answered. */
  failure: z
    .union([
      z.object({ of: z.literal('config'), why: z.string() }),
      z.object({ of: z.literal('api'), ...apiFailureSchema.shape }),
    ])
    .exactOptional(),
  /** The lists that could not be read. */
  unread: z.array(unreadListSchema),
  nodes: z.array(nodeFactSchema),
  counts: z.object({ nodes: count, pods: count, namespaces: count, events: count }),
  /** Pulls that failed in the last hour, by image and cause; those first that fail now. */
  pulls: z.array(pullRowSchema),
  /** Images and causes that are not listed, because there are too many. */
  morePulls: count,
  stuck: z.array(stuckPullSchema),
  /** The images that pods run or wait for, each once; only where mirrors are to be asked for them. */
  images: z.array(z.string()).exactOptional(),
  /** Pulls in progress that began less than two minutes ago. */
  pulling: count,
  /** What Flux deploys; absent where it is not installed, or could not be read. */
  flux: fluxSchema.exactOptional(),
  /** ExternalSecrets; only if they are a gate, or a pull was refused with a pull secret. */
  secrets: secretsSchema.exactOptional(),
  /** What each node sees of the way to the registries; only with `nodes`. */
  views: viewsSchema.exactOptional(),
  /** How long was waited for pulls to settle, in milliseconds; absent without `wait`. */
  waitedMs: z.number().exactOptional(),
  /** The time of the API server, in milliseconds since the epoch. */
  at: z.number(),
})
export type ClusterFact = z.infer<typeof clusterSchema>
