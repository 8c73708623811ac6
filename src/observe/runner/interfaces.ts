import type { RunnerFact } from '../../facts/runner.ts'
import type { HostAccess } from './host-access.ts'

/**
 * How many interfaces the host made since its namespace began, told from inside a plain container: the kernel numbers them
 * as they come, and our own veth knows the number of its other end. Undefined where no interface has another end, or where
 * the numbers are not the host's: in the host's own namespace.
 */
export async function observeInterfaces(access: HostAccess): Promise<RunnerFact['interfaces']> {
  const names = await access.list('/sys/class/net')
  const ends = await Promise.all(names.slice(0, 64).map((name) => otherEnd(access, name)))
  const uptime = await access.read('/proc/uptime')
  const seconds = uptime.ok ? Number.parseFloat(uptime.text) : Number.NaN
  const made = Math.max(0, ...ends)
  return made === 0 || Number.isNaN(seconds) ? undefined : { made, uptimeMs: Math.round(seconds * 1000) }
}

async function otherEnd(access: HostAccess, name: string): Promise<number> {
  const [own, other] = await Promise.all(
    ['ifindex', 'iflink'].map(async (field) => {
      const file = await access.read(`/sys/class/net/${name}/${field}`, 64)
      return file.ok ? Number(file.text) : Number.NaN
    }),
  )
  return own === undefined || other === undefined || own === other || Number.isNaN(other) ? 0 : other
}
