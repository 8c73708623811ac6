import * as z from 'zod'
import type { ClusterApi } from './api.ts'

const groupSchema = z.object({
  preferredVersion: z.object({ version: z.string() }),
  versions: z.array(z.object({ version: z.string() })),
})

/** The versions of a group, the preferred one first; none where it is not installed. */
export async function versionsOf(api: ClusterApi, group: string): Promise<string[]> {
  const answer = await api.get(`/apis/${group}`)
  const read = answer.ok ? groupSchema.safeParse(answer.value) : undefined
  if (!read?.success) return []
  const { preferredVersion, versions } = read.data
  return [...new Set([preferredVersion.version, ...versions.map(({ version }) => version)])]
}
