import type { Area } from '../../../core/observed.ts'
import type { Remedy } from '../../../core/remedy.ts'
import type { RulesFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { seen, unseen } from './area.ts'
import { hasCapability } from './capabilities.ts'
import { sampleForward } from './forward-samples.ts'
import { elsewhere, type Place } from './place.ts'
import { passingBetween, type Snapshot } from './snapshot.ts'
import type { Window } from './window.ts'
import { watchWriters } from './writers.ts'

/**
 * Why rules may not be read here, or undefined. In a namespace of a container's own the programs print an empty list and end
 * well, with every privilege there is, and that would look like a host without rules.
 */
export async function whyNoRules(
  access: HostAccess,
  place: Place | undefined,
): Promise<Area<never> | undefined> {
  if (!place?.own) return unseen(elsewhere, ['host-snapshot'])
  const status = await access.read('/proc/self/status')
  const allowed = status.ok && hasCapability(status.text, 'NET_ADMIN')
  return allowed ? undefined : unseen('CAP_NET_ADMIN is missing', ['host-snapshot', 'net-admin'])
}

/** What only watching tells: how FORWARD changes, who changes rules, who holds the lock. */
export type Watched = Pick<RulesFact, 'samples' | 'writers' | 'unwatched' | 'lock'>

export async function watchRules(
  access: HostAccess,
  window: Window,
  { first, lock: watchingLock }: { first: Snapshot; lock: Promise<RulesFact['lock']> },
): Promise<Watched> {
  const { tables = [], unread = [], count = 0 } = first.rules ?? {}
  const nft = !unread.some(({ backend }) => backend === 'native')
  const [samples, writers, lock] = await Promise.all([
    sampleForward(access, window, tables),
    watchWriters(access, window, { rules: count, nft }),
    watchingLock,
  ])
  return { ...(samples ? { samples } : {}), ...writers, ...(lock ? { lock } : {}) }
}

/** The rules as they stood when the window closed. */
export function rulesSeen(first: Snapshot, last: Snapshot, watched: Watched): Area<RulesFact> {
  if (!last.rules) throw new Error('rules were not read')
  const { tables, truncated, unread } = last.rules
  if (tables.length === 0 && unread.length > 0) {
    const why = [...new Set(unread.map((one) => one.why))].join('; ')
    // In a user namespace CAP_NET_ADMIN is effective, and the host's network belongs to another.
    const remedies: Remedy[] = /not installed/.test(why) ? ['tools'] : ['host-snapshot', 'net-admin']
    return unseen(why, remedies)
  }
  const passing = passingBetween(first, last)
  const value = { tables, truncated, unread, ...watched, ...(passing.length > 0 ? { passing } : {}) }
  return seen(value, 'iptables-save and nft')
}
