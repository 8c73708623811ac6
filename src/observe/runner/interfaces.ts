import type { RunnerFact } from '../../facts/runner.ts'
import type { HostAccess } from './host-access.ts'

/**
 * How many interfaces the host has created since it started, seen from a plain container: the kernel numbers interfaces in
 * order, and our own veth shows the number of its peer on the host. Undefined without a veth, so also in the host's own
 * namespace.
 */
export async function observeInterfaces(access: HostAccess): Promise<RunnerFact['interfaces']> {
  const names = await access.list('/sys/class/net')
  const peers = await Promise.all(names.slice(0, 64).map((name) => peerIndex(access, name)))
  const uptime = await access.read('/proc/uptime')
  const seconds = uptime.ok ? Number.parseFloat(uptime.text) : Number.NaN
  const made = Math.max(0, ...peers)
  return made === 0 || Number.isNaN(seconds) ? undefined : { made, uptimeMs: Math.round(seconds * 1000) }
}

/** The number of a veth's peer; 0 for any other interface. */
async function peerIndex(access: HostAccess, name: string): Promise<number> {
  const [own, peer] = await Promise.all(
    ['ifindex', 'iflink'].map(async (field) => {
      const file = await access.read(`/sys/class/net/${name}/${field}`, 64)
      return file.ok ? Number(file.text) : Number.NaN
    }),
  )
  return own === undefined || peer === undefined || own === peer || Number.isNaN(peer) ? 0 : peer
}
