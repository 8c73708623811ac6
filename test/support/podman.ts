import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { makeNetworkNamespace, type NetworkNamespace } from './network-namespace.ts'
import { startProgram } from './program.ts'

/** What a suite names in `suiteNeeds` to run Podman's service. */
export const podmanPrograms = ['podman', 'ip', 'nsenter']

/** A Podman of the test's own, with its API at a socket, whose bridges live in a namespace of their own. */
export type Podman = {
  socket: string
  namespace: NetworkNamespace
  /** The program and its arguments, for those who start it themselves. */
  command: string[]
  /** Runs Podman; fails as execa does. */
  podman(args: string[]): Promise<string>
  stop(): Promise<void>
}

/** Starts `podman system service` with storage of its own. Needs root. */
export async function startPodman(): Promise<Podman> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-podman-'))
  const namespace = await makeNetworkNamespace()
  const socket = join(directory, 'podman.sock')
  const configuration = join(directory, 'containers.conf')
  // Podman's own limits are higher than a machine without SYS_RESOURCE may set.
  await writeFile(
    configuration,
    '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n[engine]\nevents_logger = "file"\n',
  )
  const own = ['root', 'runroot', 'tmpdir', 'network-config-dir'].flatMap((name) => [
    `--${name}`,
    join(directory, name),
  ])
  const command = [
    ...['env', `CONTAINERS_CONF=${configuration}`, 'nsenter', `--net=${namespace.path}`],
    ...['podman', '--cgroup-manager=cgroupfs', ...own],
  ]
  const [program = '', ...flags] = command
  const podman = async (args: string[]) =>
    (await execa(program, [...flags, ...args], { stdin: 'ignore' })).stdout
  const service = await startProgram([...command, 'system', 'service', '--time=0', `unix://${socket}`], {
    name: "podman's service",
    ready: () => answers(socket),
    clear: async () => {
      await namespace.remove()
      await rm(directory, { recursive: true, force: true })
    },
  })
  const stop = async () => {
    await podman(['rm', '--all', '--force', '--time=0']).catch(() => {})
    await service.stop()
  }
  return { socket, namespace, command, podman, stop }
}

async function answers(socket: string): Promise<boolean> {
  const { get } = await import('node:http')
  return new Promise((resolve) => {
    const asking = get({ socketPath: socket, path: '/_ping' }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asking.on('error', () => resolve(false))
  })
}
