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

/** Creates a namespace with loopback up. Needs root. */
export async function makeNetworkNamespace(): Promise<NetworkNamespace> {
  const name = `rg-${randomBytes(4).toString('hex')}`
  const path = `/run/netns/${name}`
  await execa('ip', ['netns', 'add', name])
  await execa('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
  return {
    name,
    path,
    // Not `ip netns exec`: it mounts a different /sys, in which dockerd does not find cgroups.
    run: async (program, args) => (await execa('nsenter', [`--net=${path}`, program, ...args])).stdout,
    remove: async () => void (await execa('ip', ['netns', 'del', name])),
  }
}
