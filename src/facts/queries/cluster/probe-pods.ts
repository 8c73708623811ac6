import * as z from 'zod'
import { probePort, type ViewKind } from '../../cluster/views.ts'

const text = z.string().nullish()
const podSchema = z.object({
  metadata: z.object({ name: z.string(), deletionTimestamp: text }),
  spec: z.object({
    nodeName: text,
    hostNetwork: z.boolean().nullish(),
    containers: z.array(
      z.object({
        ports: z.array(z.object({ name: text, containerPort: z.int().min(1).max(65_535) })).nullish(),
      }),
    ),
  }),
  status: z
    .object({
      phase: text,
      podIP: text,
      containerStatuses: z
        .array(z.object({ state: z.object({ waiting: z.object({ reason: text }).nullish() }).nullish() }))
        .nullish(),
    })
    .nullish(),
})

/** A pod of a probe: where it runs, and where its report is, or why it has none. */
export interface ProbePod {
  node: string
  kind: ViewKind
  pod: string
  at: { address: string; port: number } | { why: string }
}

/** Reads a pod of a probe; undefined for what is none, or is on no node. */
export function readProbePod(item: unknown): ProbePod | undefined {
  const read = podSchema.safeParse(item)
  if (!read.success) return undefined
  const { metadata, spec, status } = read.data
  if (!spec.nodeName || metadata.deletionTimestamp) return undefined
  return {
    node: spec.nodeName,
    kind: spec.hostNetwork ? 'host' : 'pod',
    pod: metadata.name,
    at: placeOf(spec, status ?? {}),
  }
}

type Pod = z.infer<typeof podSchema>

function placeOf({ containers }: Pod['spec'], status: NonNullable<Pod['status']>): ProbePod['at'] {
  const port = containers.flatMap(({ ports }) => ports ?? []).find(({ name }) => name === probePort)
  if (!port) return { why: `it has no port with the name ${probePort}` }
  const waiting = status.containerStatuses?.map(({ state }) => state?.waiting?.reason).find(Boolean)
  if (status.phase !== 'Running' || waiting)
    return { why: `it is ${[status.phase ?? 'unknown', waiting].filter(Boolean).join(', ')}` }
  if (!status.podIP) return { why: 'it has no address' }
  return { address: status.podIP, port: port.containerPort }
}
