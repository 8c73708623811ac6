import type { Area } from '../../../core/observed.ts'
import type { Remedy } from '../../../core/remedy.ts'
import type { RulesFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { seen, unseen } from './area.ts'
import { hasCapability } from './capabilities.ts'
import { sampleForward } from './forward-samples.ts'
import { type HostNetwork, notInHostNetwork } from './host-network.ts'
import { changedBetween, type LinksAndRules } from './links-and-rules.ts'
import { watchWriters } from './rule-writers.ts'
import type { Window } from './window.ts'

/**
 * Why the host's rules cannot be read here, or undefined where they can. In a container's own namespace the programs succeed
 * with an empty list, whatever the privileges, which would look like a host without rules.
 */
export async function whyNoRules(
  access: HostAccess,
  network: HostNetwork | undefined,
): Promise<Area<never> | undefined> {
  if (!network?.isOwn) return unseen(notInHostNetwork, ['host-snapshot'])
  const status = await access.read('/proc/self/status')
  const allowed = status.ok && hasCapability(status.text, 'NET_ADMIN')
  return allowed ? undefined : unseen('CAP_NET_ADMIN is missing', ['host-snapshot', 'net-admin'])
}

/** What only watching shows: how FORWARD changes, who changes rules, who holds the lock. */
export type RuleWatch = Pick<RulesFact, 'samples' | 'writers' | 'unwatched' | 'lock'>

export async function watchRules(
  access: HostAccess,
  window: Window,
  { first, lock: watchingLock }: { first: LinksAndRules; lock: Promise<RulesFact['lock']> },
): Promise<RuleWatch> {
  const { tables = [], unread = [], count = 0 } = first.rules ?? {}
  const nft = !unread.some(({ backend }) => backend === 'native')
  const [samples, writers, lock] = await Promise.all([
    sampleForward(access, window, tables),
    watchWriters(access, window, { rules: count, nft }),
    watchingLock,
  ])
  return { ...(samples ? { samples } : {}), ...writers, ...(lock ? { lock } : {}) }
}

/** The rules at the end of the window, with what was seen while watching. */
export function rulesArea(first: LinksAndRules, last: LinksAndRules, watched: RuleWatch): Area<RulesFact> {
  if (!last.rules) throw new Error('rules were not read')
  const { tables, truncated, unread, programMissing, ipsets, ebtables } = last.rules
  if (tables.length === 0 && unread.length > 0) {
    const why = [...new Set(unread.map((one) => one.why))].join('; ')
    // In a user namespace CAP_NET_ADMIN is effective, but not for the host's network.
    const remedies: Remedy[] = programMissing ? ['tools'] : ['host-snapshot', 'net-admin']
    return unseen(why, remedies)
  }
  const passing = changedBetween(first, last)
  const value = {
    ...{ tables, truncated, unread, ...watched },
    ...(ipsets ? { ipsets } : {}),
    ...(ebtables ? { ebtables } : {}),
    ...(passing.length > 0 ? { passing } : {}),
  }
  return seen(value, 'iptables-save and nft')
}
