import type { Area } from '../../../core/observed.ts'
import type { PressureFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { seen, unseen } from './area.ts'
import { pressureAverage, softnetTotals, vmstatCounter } from './counters.ts'
import { across, growth, openWindow, type Window } from './window.ts'

/**
 * How hard pressed the machine is: waiting for CPU, storage and memory, processes killed for memory, packets dropped before
 * any rule. These files tell of the whole machine in whatever namespace they are read, so this works from any container.
 */
export const observePressure = (access: HostAccess, windowMs: number): Promise<Area<PressureFact>> =>
  pressureOver(access, openWindow(access, windowMs))

export async function pressureOver(access: HostAccess, window: Window): Promise<Area<PressureFact>> {
  const counted = await across(window, () => countersOf(access))
  if (!counted) return unseen('/proc/vmstat and /proc/net/softnet_stat cannot be read', [])
  const [before, after] = counted
  const waits = { cpu: await waitsFor(access, 'cpu'), io: await waitsFor(access, 'io') }
  const memory = await waitsFor(access, 'memory')
  return seen(
    {
      ...(waits.cpu === undefined ? {} : { cpu: waits.cpu }),
      ...(waits.io === undefined ? {} : { io: waits.io }),
      ...(memory === undefined ? {} : { memory }),
      oomKills: growth(before.oomKills, after.oomKills),
      softnetDropped: growth(before.dropped, after.dropped),
      softnetSqueezed: growth(before.squeezed, after.squeezed),
    },
    '/proc of the machine',
  )
}

interface Counters {
  oomKills: number
  dropped: number
  squeezed: number
}

async function countersOf(access: HostAccess): Promise<Counters | undefined> {
  const [vmstat, softnet] = [await access.read('/proc/vmstat'), await access.read('/proc/net/softnet_stat')]
  const packets = softnet.ok ? softnetTotals(softnet.text) : undefined
  const oomKills = vmstat.ok ? vmstatCounter(vmstat.text, 'oom_kill') : undefined
  return packets && oomKills !== undefined ? { oomKills, ...packets } : undefined
}

/** Absent before Linux 4.20, and where the kernel was started with psi=0. */
async function waitsFor(access: HostAccess, what: 'cpu' | 'io' | 'memory'): Promise<number | undefined> {
  const file = await access.read(`/proc/pressure/${what}`)
  return file.ok ? pressureAverage(file.text) : undefined
}
