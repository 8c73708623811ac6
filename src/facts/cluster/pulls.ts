import * as z from 'zod'
import { pullErrorSchema } from './messages/parse.ts'

const count = z.int().min(0)
/** Milliseconds since the epoch, by the clock of the cluster. */
const time = z.number()

export const containerKinds = ['init', 'container', 'ephemeral'] as const

const pullNode = z.object({
  name: z.string(),
  /** How often it failed there, as far as events tell: they are kept for an hour, and many are merged. */
  failures: count,
  /** A pod waits there now. */
  isFailing: z.boolean(),
})

const pullPod = z.object({ namespace: z.string(), name: z.string(), container: z.string() })

/** One image that one cause kept from being pulled. */
export const pullRowSchema = z.object({
  image: z.string(),
  error: pullErrorSchema.omit({ address: true, port: true, resolver: true }),
  /** The nodes, those first where a pod waits now; at most 50. */
  nodes: z.array(pullNode),
  nodeCount: count,
  failingNodes: count,
  /** A pod waits for it now. */
  isFailing: z.boolean(),
  /** The addresses that were dialled, with their ports, and the DNS servers that were asked; the first of each. */
  addresses: z.array(z.string()),
  resolvers: z.array(z.string()),
  failures: count,
  since: time.exactOptional(),
  last: time.exactOptional(),
  /** The first pods that wait, or did. */
  pods: z.array(pullPod),
  podCount: count,
  kinds: z.array(z.enum(containerKinds)),
  /** The names of the pull secrets of these pods. */
  pullSecrets: z.array(z.string()),
  /** The nodes that run the image without a pull in the last hour: it was there before. */
  cachedOn: z.array(z.string()),
  /** The nodes that pulled it in the last hour. */
  pulledOn: z.array(z.string()),
  /** One of the messages, safe to print. */
  text: z.string(),
})
export type PullRow = z.infer<typeof pullRowSchema>

/** A pull that began and did not end. */
export const stuckPullSchema = z.object({
  image: z.string(),
  node: z.string(),
  pod: pullPod,
  since: time,
})
export type StuckPull = z.infer<typeof stuckPullSchema>

export const nodeFactSchema = z.object({
  name: z.string(),
  runtime: z.string(),
  kubelet: z.string(),
  architecture: z.string(),
  addresses: z.array(z.string()),
  isReady: z.boolean(),
})
export type NodeFact = z.infer<typeof nodeFactSchema>
