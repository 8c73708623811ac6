import type { Area } from '../../../core/observed.ts'
import type { PressureFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { seen, unseen } from './area.ts'
import { pressureAverage, softnetTotals, vmstatCounter } from './counters.ts'
import { beforeAndAfter, growth, openWindow, type Window } from './window.ts'

/**
 * The load on the machine: waiting for CPU, storage and memory, processes killed for lack of memory, packets dropped before
 * any rule. These files describe the whole machine in every namespace, so this works from any container.
 */
export const observePressure = (access: HostAccess, windowMs: number): Promise<Area<PressureFact>> =>
  pressureDuring(access, openWindow(access, windowMs))

export async function pressureDuring(access: HostAccess, window: Window): Promise<Area<PressureFact>> {
  const readings = await beforeAndAfter(window, () => countersOf(access))
  if (!readings) return unseen('/proc/vmstat and /proc/net/softnet_stat cannot be read', [])
  const [before, after] = readings
  const cpu = await waitingPercent(access, 'cpu')
  const io = await waitingPercent(access, 'io')
  const memory = await waitingPercent(access, 'memory')
  return seen(
    {
      ...(cpu === undefined ? {} : { cpu }),
      ...(io === undefined ? {} : { io }),
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

/** Undefined before Linux 4.20, and where the kernel was started with psi=0. */
async function waitingPercent(
  access: HostAccess,
  what: 'cpu' | 'io' | 'memory',
): Promise<number | undefined> {
  const file = await access.read(`/proc/pressure/${what}`)
  return file.ok ? pressureAverage(file.text) : undefined
}
