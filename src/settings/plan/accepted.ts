import { parse } from 'yaml'
import * as z from 'zod'
import type { Accepted } from '../../facts/watch/faults.ts'

const entry = z.strictObject({
  registry: z.string().optional(),
  repository: z.string(),
  digest: z.string().optional(),
  tag: z.string().optional(),
  id: z.string().optional(),
  reason: z.string().min(1),
  expires: z.string(),
})

/** Reads the list of accepted faults, or says what is wrong with it. An entry must have a reason and an end. */
export function parseAccepted(text: string): { ok: true; value: Accepted[] } | { ok: false; why: string } {
  let content: unknown
  try {
    content = parse(text)
  } catch (error) {
    return {
      ok: false,
      why: `is not valid YAML: ${error instanceof Error ? error.message.split('\n')[0] : error}`,
    }
  }
  if (content === null || content === undefined) return { ok: true, value: [] }
  const list = z.array(z.unknown()).safeParse(content)
  if (!list.success)
    return { ok: false, why: 'must be a list of {repository, digest or id, reason, expires}' }
  const accepted: Accepted[] = []
  for (const [at, one] of list.data.entries()) {
    const parsed = entry.safeParse(one)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      const field = issue?.path.join('.') ?? ''
      return {
        ok: false,
        why: `entry ${at + 1}${field && `, ${field}`}: ${issue?.message ?? 'is not valid'}`,
      }
    }
    const { expires: written, registry, digest, tag, id, ...rest } = parsed.data
    const expires = Date.parse(written)
    if (Number.isNaN(expires))
      return { ok: false, why: `entry ${at + 1}, expires: must be a date like 2027-01-31` }
    accepted.push({
      ...rest,
      expires,
      ...(registry === undefined ? {} : { registry }),
      ...(digest === undefined ? {} : { digest }),
      ...(tag === undefined ? {} : { tag }),
      ...(id === undefined ? {} : { id }),
    })
  }
  return { ok: true, value: accepted }
}
