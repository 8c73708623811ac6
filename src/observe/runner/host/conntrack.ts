import type { Area } from '../../../core/observed.ts'
import type { ConntrackFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { notApplicable, seen, unseen } from './area.ts'
import { hexColumns } from './counters.ts'
import { type HostNetwork, notInHostNetwork, procRemedies } from './host-network.ts'
import { growth, type Window } from './window.ts'

const countPath = '/proc/sys/net/netfilter/nf_conntrack_count'
const maxPath = '/proc/sys/net/netfilter/nf_conntrack_max'

/**
 * The connection tracking table. `nf_conntrack_count` counts the reader's own namespace while `nf_conntrack_max` is global: a
 * plain container reads 0 of 262144, which means nothing. So the count is read only in the host's namespace; through
 * /proc/1/net it is the column `entries` of the statistics, which has the same value in the row of each CPU.
 */
export async function observeConntrack(
  access: HostAccess,
  network: HostNetwork | undefined,
  window: Window,
): Promise<Area<ConntrackFact>> {
  if (!network) return unseen(notInHostNetwork, procRemedies)
  const path = `${network.procNet}/stat/nf_conntrack`
  const before = await statistics(access, path)
  await window.closed
  const after = await statistics(access, path)
  const max = await wholeNumber(access, maxPath)
  const count = network.isOwn ? await wholeNumber(access, countPath) : after?.count
  if (max === undefined) return notApplicable('the kernel does not track connections')
  if (count === undefined)
    return unseen(`${network.isOwn ? countPath : path} does not show the number of tracked connections`, [])
  const drops = before && after ? { drops: growth(before.drops, after.drops) } : {}
  return seen({ count, max, ...drops }, network.isOwn ? countPath : path)
}

/** With a full table, a new connection is dropped (`drop`) or replaces an old one (`early_drop`). */
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
