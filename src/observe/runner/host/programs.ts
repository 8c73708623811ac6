import type { Area } from '../../../core/observed.ts'
import type { HostAccess } from '../host-access.ts'
import { seen, unseen } from './area.ts'

/** PF_KTHREAD of include/linux/sched.h: a kernel thread. */
const kernelThread = 0x0020_0000

/** The name in /proc/PID/stat (proc(5)), which may contain blanks and parentheses; undefined for kernel threads. */
export function programIn(stat: string): string | undefined {
  const end = stat.lastIndexOf(')')
  const name = stat.slice(stat.indexOf('(') + 1, end)
  const flags = Number(
    stat
      .slice(end + 1)
      .trim()
      .split(' ')[6],
  )
  return end > 0 && name !== '' && (flags & kernelThread) === 0 ? name.slice(0, 64) : undefined
}

const maxProcesses = 20_000
const batchSize = 32

/** Processes by the name of their program, each with its id. */
export type Processes = Map<string, string[]>

/** The processes that /proc lists, kernel threads left out. */
export async function listProcesses(access: HostAccess): Promise<Processes> {
  const ids = (await access.list('/proc')).filter((name) => /^\d+$/.test(name)).slice(0, maxProcesses)
  const found: Processes = new Map()
  for (let at = 0; at < ids.length; at += batchSize) {
    const batch = ids.slice(at, at + batchSize)
    const stats = await Promise.all(batch.map((id) => access.read(`/proc/${id}/stat`, 4096)))
    for (const [position, stat] of stats.entries()) {
      const name = stat.ok ? programIn(stat.text) : undefined
      if (name !== undefined) found.set(name, [...(found.get(name) ?? []), batch[position] ?? ''])
    }
  }
  return found
}

/** The names of the programs running on the host, without duplicates. */
export function programsIn(processes: Processes, hostPid: boolean): Area<string[]> {
  if (!hostPid)
    return unseen('this process sees only the processes of its own container', ['host-snapshot', 'host-pid'])
  return processes.size > 0
    ? seen([...processes.keys()].toSorted(), '/proc')
    : unseen('/proc lists no programs', ['host-pid'])
}
