import type { Area } from '../../../core/observed.ts'
import type { ConntrackFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { absent, seen, unseen } from './area.ts'
import { hexColumns } from './counters.ts'
import { elsewhere, type Place, procNeeds } from './place.ts'
import { growth, type Window } from './window.ts'

const countPath = '/proc/sys/net/netfilter/nf_conntrack_count'
const maxPath = '/proc/sys/net/netfilter/nf_conntrack_max'

/**
 * The table of tracked connections. `nf_conntrack_count` is the count of the reader's own namespace while `nf_conntrack_max`
 * is everybody's: a plain container reads 0 of 262144, which says nothing. So it is read in the host's namespace only, and
 * through /proc/1/net from the first column of the statistics, which every CPU's row repeats.
 */
export async function observeConntrack(
  access: HostAccess,
  place: Place | undefined,
  window: Window,
): Promise<Area<ConntrackFact>> {
  if (!place) return unseen(elsewhere, procNeeds)
  const path = `${place.net}/stat/nf_conntrack`
  const before = await statistics(access, path)
  await window.closed
  const after = await statistics(access, path)
  const max = await wholeNumber(access, maxPath)
  const count = place.own ? await wholeNumber(access, countPath) : after?.count
  if (max === undefined) return absent('the kernel tracks no connections')
  if (count === undefined)
    return unseen(`${place.own ? countPath : path} does not tell how many there are`, [])
  const drops = before && after ? { drops: growth(before.drops, after.drops) } : {}
  return seen({ count, max, ...drops }, place.own ? countPath : path)
}

/** A connection that finds the table full is dropped, or another one early for it. */
async function statistics(
  access: HostAccess,
  path: string,
): Promise<{ count: number; drops: number } | undefined> {
  const file = await access.read(path)
  const columns = file.ok ? hexColumns(file.text, ['entries', 'drop', 'early_drop']) : undefined
  if (!columns) return undefined
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  return { count: columns.entries[0] ?? 0, drops: sum(columns.drop) + sum(columns.early_drop) }
}

async function wholeNumber(access: HostAccess, path: string): Promise<number | undefined> {
  const file = await access.read(path)
  return file.ok && /^\d+\s*$/.test(file.text) ? Number(file.text) : undefined
}
