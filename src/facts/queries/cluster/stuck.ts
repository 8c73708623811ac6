import type { StuckPull } from '../../cluster/pulls.ts'
import type { PodEvent } from './events.ts'
import type { PodScan } from './pods.ts'

/** A pull without an end is told after this time: the runtime itself gives up after 5 minutes without a byte, or never with a trickle. */
const stuckMs = 2 * 60_000
const maxStuck = 200

/** The last `Pulling` and `Pulled` event of each container that is being created. */
export type PullTimes = Map<string, { began?: number; ended?: number }>

const keyOf = (uid: string, container: string) => `${uid} ${container}`

/** Keeps the time of a pull's begin or end, if its pod is being created. */
export function addPullTime(
  times: PullTimes,
  { creating }: PodScan,
  event: PodEvent,
  what: 'began' | 'ended',
): void {
  if (!creating.has(event.uid) || event.last === undefined) return
  const key = keyOf(event.uid, event.container)
  const known = times.get(key) ?? {}
  times.set(key, { ...known, [what]: Math.max(known[what] ?? 0, event.last) })
}

/** The pulls that did not end: those that are stuck, and how many began just now. */
export function stuckPulls(
  { creating }: PodScan,
  times: PullTimes,
  at: number,
): { stuck: StuckPull[]; pulling: number } {
  const open = [...creating.values()].flat().flatMap((waiting): StuckPull[] => {
    const { began, ended } = times.get(keyOf(waiting.uid, waiting.container)) ?? {}
    if (began === undefined || (ended !== undefined && ended >= began)) return []
    return [
      {
        ...{ image: waiting.image, node: waiting.node, since: began },
        pod: { namespace: waiting.namespace, name: waiting.pod, container: waiting.container },
      },
    ]
  })
  const stuck = open.filter(({ since }) => at - since >= stuckMs).toSorted((a, b) => a.since - b.since)
  return { stuck: stuck.slice(0, maxStuck), pulling: open.length - stuck.length }
}
