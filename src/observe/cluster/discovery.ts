import * as z from 'zod'
import type { ApiFailure } from '../../facts/cluster/rights.ts'
import type { ClusterApi } from './api.ts'

const groupSchema = z.object({
  preferredVersion: z.object({ version: z.string() }),
  versions: z.array(z.object({ version: z.string() })),
})

/** The versions to try where discovery is refused: those that Flux and External Secrets serve today. */
const usualVersions = ['v1', 'v2']

export type Versions = { ok: true; versions: string[] } | { ok: false; failure: ApiFailure }

/**
 * The versions of a group, the preferred one first; none where it is not installed. A hardened cluster may refuse discovery: then the list itself
 * tells whether it is there.
 */
export async function versionsOf(api: ClusterApi, group: string): Promise<Versions> {
  const answer = await api.get(`/apis/${group}`)
  if (!answer.ok) {
    if (answer.failure.kind === 'not-found') return { ok: true, versions: [] }
    return answer.failure.kind === 'forbidden' ? { ok: true, versions: usualVersions } : answer
  }
  const read = groupSchema.safeParse(answer.value)
  if (!read.success)
    return { ok: false, failure: { kind: 'invalid', why: `the answer to /apis/${group} is no API group` } }
  const { preferredVersion, versions } = read.data
  return {
    ok: true,
    versions: [...new Set([preferredVersion.version, ...versions.map(({ version }) => version)])],
  }
}
