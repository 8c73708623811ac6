import * as z from 'zod'
import type { ApiFailure } from '../../facts/cluster/rights.ts'
import type { ClusterApi } from './api.ts'

/** As kubectl asks for. */
const pageSize = 500
/** A list whose pages expire again and again is given up. */
const maxStarts = 3

const pageSchema = z.object({
  metadata: z.object({ continue: z.string().nullish() }).nullish(),
  items: z.array(z.unknown()).nullish(),
})

export type Listed = { ok: true; count: number } | { ok: false; failure: ApiFailure }

/**
 * Reads a list page by page. `start` is called before the first page, and again where the server forgot the place in the list (410): then
 * everything begins anew. Nothing of a page is kept.
 */
export async function listAll(
  api: ClusterApi,
  path: string,
  query: Record<string, string>,
  { start, item }: { start: () => void; item: (item: unknown) => void },
): Promise<Listed> {
  for (let started = 1; ; started += 1) {
    start()
    const listed = await listOnce(api, path, query, item)
    if (listed.ok || listed.failure.kind !== 'expired' || started === maxStarts) return listed
  }
}

async function listOnce(
  api: ClusterApi,
  path: string,
  query: Record<string, string>,
  item: (item: unknown) => void,
): Promise<Listed> {
  let token: string | undefined
  let count = 0
  do {
    const answer = await api.get(path, {
      ...query,
      limit: String(pageSize),
      ...(token === undefined ? {} : { continue: token }),
    })
    if (!answer.ok) return answer
    const page = pageSchema.safeParse(answer.value)
    if (!page.success)
      return { ok: false, failure: { kind: 'invalid', why: `the answer to ${path} is no list` } }
    for (const one of page.data.items ?? []) item(one)
    count += page.data.items?.length ?? 0
    const next = page.data.metadata?.continue || undefined
    // A server that gives the same place again would never end.
    if (next !== undefined && next === token)
      return { ok: false, failure: { kind: 'invalid', why: `the pages of ${path} do not go on` } }
    token = next
  } while (token !== undefined)
  return { ok: true, count }
}
