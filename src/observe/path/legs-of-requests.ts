import type { LegStep } from '../../facts/path/leg.ts'
import type { RequestFact } from '../../facts/path.ts'
import type { LegRequest } from './probe-leg.ts'

/** A run over a whole registry asks few hosts, but may be led to many. */
const maxLegs = 32

/**
 * The legs of the requests that a run sent: one for each step of a pull on each host, in the order of their first requests. They
 * are without credentials and queries: a response of any status proves the leg.
 */
export function legsOfRequests(log: readonly RequestFact[]): LegRequest[] {
  const legs = new Map<string, LegRequest>()
  for (const request of log) {
    const url = new URL(request.url)
    const step = stepOf(request, url)
    const key = `${step} ${url.origin}`
    if (!legs.has(key)) legs.set(key, { step, of: url.host, url, ...range(step) })
  }
  return [...legs.values()].slice(0, maxLegs)
}

/** By the paths of the distribution specification, "API". */
function stepOf({ role }: RequestFact, { pathname }: URL): LegStep {
  if (role !== 'registry') return role
  if (pathname.includes('/blobs/')) return 'blob'
  return /^\/v2\/?$/.test(pathname) ? 'challenge' : 'manifest'
}

const range = (step: LegStep): Pick<LegRequest, 'headers'> =>
  step === 'blob' || step === 'storage' ? { headers: { range: 'bytes=0-0' } } : {}
