import { randomBytes } from 'node:crypto'
import { execa } from 'execa'

/** A network namespace of the test's own: nothing in it reaches another network. */
export type NetworkNamespace = {
  name: string
  /** What `nsenter --net=` takes. */
  path: string
  /** Runs a program in it; fails as execa does. */
  run(program: string, args: string[]): Promise<string>
  remove(): Promise<void>
}

/** Makes a namespace whose loopback is up. Needs root. */
export async function makeNetworkNamespace(): Promise<NetworkNamespace> {
  const name = `rg-${randomBytes(4).toString('hex')}`
  const path = `/run/netns/${name}`
  await execa('ip', ['netns', 'add', name])
  await execa('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
  return {
    name,
    path,
    // Not `ip netns exec`: it mounts another /sys, in which dockerd finds no cgroups.
    run: async (program, args) => (await execa('nsenter', [`--net=${path}`, program, ...args])).stdout,
    remove: async () => void (await execa('ip', ['netns', 'del', name])),
  }
}
