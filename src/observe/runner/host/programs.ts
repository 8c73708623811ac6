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

/** The names of the programs running on the host, without duplicates. */
export async function observePrograms(access: HostAccess, hostPid: boolean): Promise<Area<string[]>> {
  if (!hostPid)
    return unseen('this process sees only the processes of its own container', ['host-snapshot', 'host-pid'])
  const ids = (await access.list('/proc')).filter((name) => /^\d+$/.test(name)).slice(0, maxProcesses)
  const found = new Set<string>()
  for (let at = 0; at < ids.length; at += batchSize) {
    const stats = await Promise.all(
      ids.slice(at, at + batchSize).map((id) => access.read(`/proc/${id}/stat`, 4096)),
    )
    for (const stat of stats) {
      const name = stat.ok ? programIn(stat.text) : undefined
      if (name !== undefined) found.add(name)
    }
  }
  return found.size > 0
    ? seen([...found].toSorted(), '/proc')
    : unseen('/proc lists no programs', ['host-pid'])
}
