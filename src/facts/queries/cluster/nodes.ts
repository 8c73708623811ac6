import * as z from 'zod'
import type { NodeFact } from '../../cluster/pulls.ts'

const text = z.string().nullish()
const nodeSchema = z.object({
  metadata: z.object({ name: z.string() }),
  status: z
    .object({
      addresses: z.array(z.object({ type: text, address: text })).nullish(),
      conditions: z.array(z.object({ type: text, status: text })).nullish(),
      nodeInfo: z
        .object({ containerRuntimeVersion: text, kubeletVersion: text, architecture: text })
        .nullish(),
    })
    .nullish(),
})

/** Reads a node as the API gives it; undefined for what is none. Its list of images is not read: it holds the 50 largest only. */
export function readNode(item: unknown): NodeFact | undefined {
  const read = nodeSchema.safeParse(item)
  if (!read.success) return undefined
  const { metadata, status } = read.data
  return {
    name: metadata.name,
    runtime: status?.nodeInfo?.containerRuntimeVersion ?? '',
    kubelet: status?.nodeInfo?.kubeletVersion ?? '',
    architecture: status?.nodeInfo?.architecture ?? '',
    addresses: (status?.addresses ?? []).flatMap(({ type, address }) =>
      type === 'InternalIP' && address ? [address] : [],
    ),
    isReady: (status?.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'True'),
  }
}
