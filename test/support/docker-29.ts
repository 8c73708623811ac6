import { dirname } from 'node:path'
import type { EngineOptions } from './engine.ts'
import { findGoClient } from './go-programs.ts'
import { makeNetworkNamespace, type NetworkNamespace } from './network-namespace.ts'

const program = findGoClient('dockerd')

/** Docker 29 is there, with its proxy, containerd, and a runc that knows time namespaces, which Debian's does not. */
export const hasDocker29 = ['dockerd', 'docker-proxy', 'containerd', 'runc'].every((name) =>
  findGoClient(name),
)

/**
 * How an engine of Docker 29 is started, in a namespace of its own or in a given one. With nftables it does not enable forwarding
 * itself, and refuses to start without.
 */
export async function docker29(
  backend: 'iptables' | 'nftables',
  given?: NetworkNamespace,
): Promise<EngineOptions> {
  if (program === undefined) throw new Error('Docker 29 is not built')
  const namespace = given ?? (await makeNetworkNamespace())
  await namespace.run('sh', ['-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'])
  return {
    ...{ namespace, program },
    env: { PATH: `${dirname(program)}:${process.env.PATH}:/usr/sbin:/sbin` },
    // This runc is built without libseccomp.
    flags: ['--seccomp-profile=unconfined', `--firewall-backend=${backend}`],
  }
}
