import { randomBytes } from 'node:crypto'
import { execa } from 'execa'

/** A separate network namespace without a route to any other network. */
export type NetworkNamespace = {
  name: string
  /** The path for `nsenter --net=`. */
  path: string
  /** Runs a program in it; rejects as execa does. */
  run(program: string, args: string[]): Promise<string>
  remove(): Promise<void>
}

const withoutDuplicateDetection =
  'cd /proc/sys/net/ipv6/conf/default 2> /dev/null || exit 0; echo 0 > accept_dad'

/**
 * Creates a namespace with loopback up. IPv6 addresses of its links are usable at once: becoming so a second later, when no duplicate was
 * found, would look like a change. Needs root.
 */
export async function makeNetworkNamespace(): Promise<NetworkNamespace> {
  const name = `rg-${randomBytes(4).toString('hex')}`
  const path = `/run/netns/${name}`
  await execa('ip', ['netns', 'add', name])
  await execa('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
  await execa('nsenter', [`--net=${path}`, 'sh', '-c', withoutDuplicateDetection])
  return {
    name,
    path,
    // Not `ip netns exec`: it mounts a different /sys, in which dockerd does not find cgroups.
    run: async (program, args) => (await execa('nsenter', [`--net=${path}`, program, ...args])).stdout,
    remove: async () => void (await execa('ip', ['netns', 'del', name])),
  }
}
