import type { HostAccess } from '../host-access.ts'

/** Milliseconds since the machine booted. */
export async function uptimeOf(access: HostAccess): Promise<number | undefined> {
  const file = await access.read('/proc/uptime')
  const seconds = file.ok ? /^\d+\.\d+/.exec(file.text)?.[0] : undefined
  return seconds === undefined ? undefined : Math.round(Number(seconds) * 1000)
}
