import type { Look, PressureFact } from '../../../core/model.ts'
import type { World } from '../host-access.ts'
import { seen, unseen } from './area.ts'
import { pressureAverage, softnetTotals, vmstatCounter } from './counters.ts'
import { across, growth, openWindow, type Window } from './window.ts'

/**
 * How hard pressed the machine is: waiting for CPU, storage and memory, processes killed for memory, packets dropped before
 * any rule. These files tell of the whole machine in whatever namespace they are read, so this works from any container.
 */
export const observePressure = (world: World, windowMs: number): Promise<Look<PressureFact>> =>
  pressureOver(world, openWindow(world, windowMs))

export async function pressureOver(world: World, window: Window): Promise<Look<PressureFact>> {
  const counted = await across(window, () => countersOf(world))
  if (!counted) return unseen('/proc/vmstat and /proc/net/softnet_stat cannot be read', [])
  const [before, after] = counted
  const waits = { cpu: await waitsFor(world, 'cpu'), io: await waitsFor(world, 'io') }
  const memory = await waitsFor(world, 'memory')
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

async function countersOf(world: World): Promise<Counters | undefined> {
  const [vmstat, softnet] = [await world.read('/proc/vmstat'), await world.read('/proc/net/softnet_stat')]
  const packets = softnet.ok ? softnetTotals(softnet.text) : undefined
  const oomKills = vmstat.ok ? vmstatCounter(vmstat.text, 'oom_kill') : undefined
  return packets && oomKills !== undefined ? { oomKills, ...packets } : undefined
}

/** Absent before Linux 4.20, and where the kernel was started with psi=0. */
async function waitsFor(world: World, what: 'cpu' | 'io' | 'memory'): Promise<number | undefined> {
  const file = await world.read(`/proc/pressure/${what}`)
  return file.ok ? pressureAverage(file.text) : undefined
}
