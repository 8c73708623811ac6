import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unmountBelow } from '../../support/mounts.ts'
import { startProgram } from '../../support/program.ts'
import type { Client, Pull } from './client.ts'
import { runClient, versionOf } from './run-client.ts'

/** The programs of one containerd, and flags of a pull. */
export type ContainerdPrograms = {
  id: string
  name: string
  containerd: string
  ctr: string
  flags?: string[]
  /** Runs both programs elsewhere, as in a network namespace. */
  within?(command: string[]): string[]
}

/** A containerd, whose pulls may be told where registries are configured. */
export type Containerd = Client & {
  /** Pulls with these flags, and without `--plain-http`. */
  pullWith(flags: string[], reference: string): Promise<Pull>
  socket: string
}

/** Starts a containerd with root, state and socket of its own. Its client unpacks what it pulls, with the native snapshotter. */
export async function startContainerd(programs: ContainerdPrograms): Promise<Containerd> {
  const { id, name, containerd, ctr, flags = [], within = (command: string[]) => command } = programs
  const directory = await mkdtemp(join(tmpdir(), 'regguard-containerd-'))
  const socket = join(directory, 'containerd.sock')
  const config = join(directory, 'config.toml')
  await writeFile(config, configOf(directory, socket))
  const call = within([ctr, '--address', socket])
  const images = [...call, 'images']
  const native = ['--snapshotter', 'native']
  const daemon = await startProgram(within([containerd, '--config', config, '--log-level', 'warn']), {
    name,
    ready: () =>
      versionOf([...call, 'version']).then(
        () => true,
        () => false,
      ),
    clear: async () => {
      await unmountBelow(directory)
      await rm(directory, { recursive: true, force: true })
    },
  })
  return {
    ...{ id, name, socket },
    version: await versionOf([containerd, '--version']),
    async pull(reference) {
      const pulled = await runClient([...images, 'pull', '--plain-http', ...native, ...flags, reference])
      // The transfer service of containerd 2 says nothing where no image is for this platform, and pulls none.
      return pulled.ok ? runClient([...images, 'check', ...native, `name==${reference}`]) : pulled
    },
    pullWith: (more, reference) => runClient([...images, 'pull', ...native, ...more, reference]),
    stop: () => daemon.stop(),
  }
}

/** Without Kubernetes, and with the snapshotter for which the transfer service of containerd 2 unpacks. */
function configOf(directory: string, socket: string): string {
  return `version = 2
root = "${directory}/root"
state = "${directory}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime"]
[grpc]
address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
path = "${directory}/opt"
[plugins."io.containerd.transfer.v1.local"]
[[plugins."io.containerd.transfer.v1.local".unpack_config]]
platform = "linux/amd64"
snapshotter = "native"
differ = "walking"
`
}
