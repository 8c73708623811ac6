import type { Area } from '../../../core/observed.ts'
import type { ChurnFact, HostView, LinkFact, NamespaceKind, RulesFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { seen } from './area.ts'
import { observeConntrack } from './conntrack.ts'
import { observeDaemons } from './daemons.ts'
import { hostNetworkFor } from './host-network.ts'
import { observeKernel } from './kernel.ts'
import { watchLinks } from './link-churn.ts'
import { readLinksAndRules } from './links-and-rules.ts'
import { observeListeners } from './listeners.ts'
import { pressureDuring } from './pressure.ts'
import { listProcesses, programsIn } from './programs.ts'
import { observeProxies } from './proxies.ts'
import { observeRoutes } from './routes.ts'
import { type RuleWatch, rulesArea, watchRules, whyNoRules } from './rules.ts'
import { observeSavedRules } from './saved-rules.ts'
import { openWindow } from './window.ts'
import { watchLock } from './xtables-lock.ts'

export interface HostOptions {
  access: HostAccess
  /** The kind of network namespace this process is in. */
  namespace: NamespaceKind
  /** /proc shows the host's processes. */
  hostPid: boolean
  /** How long to watch, in milliseconds; 0 reads everything once without watching. */
  windowMs: number
  /** Ends the watch early. */
  endEarly?: AbortSignal
}

/**
 * Observes the host: its interfaces, packet filter, routes, listening sockets, kernel log and counters. Changes nothing, loads
 * no module and sends no packet. An area that cannot be seen from here says why, and what would make it possible. Takes
 * `windowMs` plus the time of one reading. Never fails.
 */
export async function observeHost(options: HostOptions): Promise<HostView> {
  const { access, namespace, hostPid, windowMs, endEarly } = options
  const network = hostNetworkFor(namespace, hostPid)
  const noRules = await whyNoRules(access, network)
  const read = () => readLinksAndRules(access, network, noRules === undefined)
  const window = openWindow(access, windowMs, endEarly)
  const counters = Promise.all([
    pressureDuring(access, window),
    observeConntrack(access, network, window),
    observeListeners(access, network, window),
  ])
  // Reading a large packet filter can take longer than the window: what does not need the first reading starts before it.
  const lock = noRules ? Promise.resolve(undefined) : watchLock(access, window)
  const first = await read()
  const watching = Promise.all([
    noRules ? noRuleWatch : watchRules(access, window, { first, lock }),
    network?.isOwn && windowMs > 0 ? watchLinks(access, window, namesOf(first.links)) : undefined,
  ])
  const [watched, linkChurn] = await watching
  const [pressure, conntrack, listeners] = await counters
  const last = windowMs > 0 ? await read() : first
  const { kernel, churn } = await observeKernel(access)
  const processes = network ? await listProcesses(access) : new Map()
  const daemons = network ? await observeDaemons(access, network, processes) : []
  const proxies = network ? await observeProxies(access, network, processes) : undefined
  return {
    links: last.links,
    rules: noRules ?? withSaved(rulesArea(first, last, watched), await observeSavedRules(access)),
    routes: await observeRoutes(access, network, namesOf(last.links)),
    listeners,
    conntrack,
    pressure,
    kernel,
    churn: mergeChurn(churn, linkChurn),
    programs: programsIn(processes, hostPid),
    ...(daemons.length > 0 ? { daemons } : {}),
    ...(proxies ? { proxies } : {}),
    namespace: network && !network.isOwn ? 'initial' : namespace,
  }
}

const withSaved = (rules: Area<RulesFact>, saved: NonNullable<RulesFact['saved']>): Area<RulesFact> =>
  rules.seen && saved.length > 0 ? { ...rules, value: { ...rules.value, saved } } : rules

const noRuleWatch: RuleWatch = { writers: [] }

const namesOf = (links: Area<LinkFact[]>): string[] => (links.seen ? links.value.map(({ name }) => name) : [])

/** The kernel log shows containers attached to bridges over a long time; netlink shows bridges created and removed during the watch. */
function mergeChurn(kernel: Area<ChurnFact>, links: ChurnFact | undefined): Area<ChurnFact> {
  if (!links) return kernel
  if (!kernel.seen) return seen(links, 'ip monitor')
  const changes = [...kernel.value.changes, ...links.changes].toSorted((a, b) => a.at - b.at)
  return seen({ ...kernel.value, changes }, `${kernel.from} and ip monitor`)
}
