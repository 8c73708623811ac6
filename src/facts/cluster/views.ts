import * as z from 'zod'
import { legSchema } from '../path/leg.ts'
import { machineSchema } from '../path/machine.ts'
import { apiFailureSchema } from './rights.ts'

/** `host`: on the network of the node, as kubelet pulls. `pod`: as any pod. */
export const viewKinds = ['host', 'pod'] as const
export type ViewKind = (typeof viewKinds)[number]

const report = z.object({
  /** When its run ended, in milliseconds since the epoch, by the clock of the node. */
  at: z.number(),
  legs: z.array(legSchema),
  machine: machineSchema.exactOptional(),
})
/** What a probe on a node saw last. */
export type ViewReport = z.infer<typeof report>

const nodeViewSchema = z.object({
  node: z.string(),
  kind: z.enum(viewKinds),
  pod: z.string(),
  /** Absent where it could not be read. */
  report: report.exactOptional(),
  /** Why it could not. */
  why: z.string().exactOptional(),
  /** The API server does not permit `get` on `pods/proxy`. */
  isForbidden: z.literal(true).exactOptional(),
})
/** A probe on a node, by what the API server says of its pod. */
export type NodeView = z.infer<typeof nodeViewSchema>

export const viewsSchema = z.object({
  /** Where the probes are looked for. */
  namespace: z.string(),
  /** Why their pods could not be listed. */
  failure: apiFailureSchema.exactOptional(),
  views: z.array(nodeViewSchema),
  /** Probes beyond those that are read. */
  more: z.int().min(0),
})
export type ViewsFact = z.infer<typeof viewsSchema>

/** The label of the pods of the probes, and the name of their port. */
export const probeLabel = 'app.kubernetes.io/name=regguard-probe'
export const probePort = 'probe'

/** The rule that permits to read a report through the API server: of a Role in the namespace of the probes. */
export const proxyRule = '{apiGroups: [""], resources: [pods/proxy], verbs: [get]}'
