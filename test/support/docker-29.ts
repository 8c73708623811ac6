import { dirname } from 'node:path'
import type { EngineOptions } from './engine.ts'
import { findGoClient } from './go-programs.ts'
import { makeNetworkNamespace } from './network-namespace.ts'

const program = findGoClient('dockerd')

/** Docker 29 is there, with its proxy and containerd. */
export const hasDocker29 = [program, findGoClient('docker-proxy'), findGoClient('containerd')].every(Boolean)

/** How an engine of Docker 29 is started. With nftables it does not enable forwarding itself, and refuses to start without. */
export async function docker29(backend: 'iptables' | 'nftables'): Promise<EngineOptions> {
  if (program === undefined) throw new Error('Docker 29 is not built')
  const namespace = await makeNetworkNamespace()
  await namespace.run('sh', ['-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'])
  return {
    ...{ namespace, program },
    env: { PATH: `${dirname(program)}:${process.env.PATH}:/usr/sbin:/sbin` },
    flags: backend === 'nftables' ? ['--firewall-backend=nftables'] : [],
  }
}
