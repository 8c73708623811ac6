import type { Area } from '../../../core/observed.ts'
import type { ChurnFact, HostView, LinkFact, NamespaceKind } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { seen } from './area.ts'
import { observeConntrack } from './conntrack.ts'
import { observeKernel } from './kernel.ts'
import { watchLinks } from './link-churn.ts'
import { observeListeners } from './listeners.ts'
import { placeOf } from './place.ts'
import { pressureOver } from './pressure.ts'
import { observePrograms } from './programs.ts'
import { observeRoutes } from './routes.ts'
import { rulesSeen, type Watched, watchRules, whyNoRules } from './rules.ts'
import { takeSnapshot } from './snapshot.ts'
import { openWindow } from './window.ts'
import { watchLock } from './xtables-lock.ts'

export interface HostOptions {
  access: HostAccess
  /** Whose network namespace this process is in. */
  namespace: NamespaceKind
  /** The processes of this process's /proc are the host's. */
  hostPid: boolean
  /** How long to watch, in milliseconds; 0 for one look without watching. */
  windowMs: number
  /** Ends the watch before its time. */
  endEarly?: AbortSignal
}

/**
 * Looks at the host this process is on: its interfaces, packet filter, routes, listening sockets, kernel log and counters. It
 * changes nothing, loads nothing and sends nothing. Each part that cannot be seen from here says why, and what would show
 * it. Takes `windowMs` and the time of one look. Never fails.
 */
export async function observeHost(options: HostOptions): Promise<HostView> {
  const { access, namespace, hostPid, windowMs, endEarly } = options
  const place = placeOf(namespace, hostPid)
  const noRules = await whyNoRules(access, place)
  const take = () => takeSnapshot(access, place, noRules === undefined)
  const window = openWindow(access, windowMs, endEarly)
  const counters = Promise.all([
    pressureOver(access, window),
    observeConntrack(access, place, window),
    observeListeners(access, place, window),
  ])
  // A large packet filter takes longer to read than the window lasts: what needs no first look begins before it.
  const lock = noRules ? Promise.resolve(undefined) : watchLock(access, window)
  const first = await take()
  const watching = Promise.all([
    noRules ? nothingWatched : watchRules(access, window, { first, lock }),
    place?.own && windowMs > 0 ? watchLinks(access, window, namesOf(first.links)) : undefined,
  ])
  const [watched, linkChurn] = await watching
  const [pressure, conntrack, listeners] = await counters
  const last = windowMs > 0 ? await take() : first
  const { kernel, churn } = await observeKernel(access)
  return {
    links: last.links,
    rules: noRules ?? rulesSeen(first, last, watched),
    routes: await observeRoutes(access, place),
    listeners,
    conntrack,
    pressure,
    kernel,
    churn: joinChurn(churn, linkChurn),
    programs: await observePrograms(access, hostPid),
    namespace: place && !place.own ? 'initial' : namespace,
  }
}

const nothingWatched: Watched = { writers: [] }

const namesOf = (links: Area<LinkFact[]>): string[] => (links.seen ? links.value.map(({ name }) => name) : [])

/** The kernel log tells who came to bridges since long ago; netlink, which bridges came and went while we looked. */
function joinChurn(kernel: Area<ChurnFact>, links: ChurnFact | undefined): Area<ChurnFact> {
  if (!links) return kernel
  if (!kernel.seen) return seen(links, 'ip monitor')
  const changes = [...kernel.value.changes, ...links.changes].toSorted((a, b) => a.at - b.at)
  return seen({ ...kernel.value, changes }, `${kernel.from} and ip monitor`)
}
