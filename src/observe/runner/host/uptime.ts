import type { World } from '../host-access.ts'

/** Milliseconds since the machine started. */
export async function uptimeOf(world: World): Promise<number | undefined> {
  const file = await world.read('/proc/uptime')
  const seconds = file.ok ? /^\d+\.\d+/.exec(file.text)?.[0] : undefined
  return seconds === undefined ? undefined : Math.round(Number(seconds) * 1000)
}
