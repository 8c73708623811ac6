import type { RequestFact } from '../../facts/path.ts'

/** So many requests are kept. */
const most = 30

/**
 * The requests that show where the time went: the first to each host for each purpose, which opened a connection; those that
 * failed; and the slowest of the others. In the order in which they were sent.
 */
export function keyRequests(log: readonly RequestFact[]): RequestFact[] {
  const firsts = [...Map.groupBy(log, (one) => `${one.role} ${hostOf(one)}`).values()].flatMap((same) =>
    same.slice(0, 1),
  )
  const failed = log.filter(({ failure }) => failure !== undefined)
  const slowest = log.toSorted((a, b) => totalMs(b) - totalMs(a))
  const chosen = new Set([...firsts, ...failed, ...slowest].slice(0, most))
  for (const request of slowest) if (chosen.size < most) chosen.add(request)
  return log.filter((request) => chosen.has(request))
}

const hostOf = ({ url }: RequestFact): string => (URL.canParse(url) ? new URL(url).host : url)

const totalMs = ({ phases }: RequestFact): number =>
  Object.values(phases).reduce((sum, ms) => sum + (ms ?? 0), 0)
