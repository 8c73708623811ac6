import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from './client.ts'
import { runClient, versionOf } from './run-client.ts'

type OneShot = {
  id: string
  name: string
  program: string
  version: string[]
  /** The arguments of one pull into a directory of its own: clients become slower with all that their storage holds. */
  args(reference: string, directory: string): string[]
  env?(own: string): Record<string, string>
}

/** A client that has no daemon. */
export async function startOneShot(client: OneShot): Promise<Client> {
  const { id, name, program } = client
  const own = await mkdtemp(join(tmpdir(), 'regguard-client-'))
  await writeFile(join(own, 'containers.conf'), '[engine]\nevents_logger = "file"\n')
  let pulls = 0
  return {
    ...{ id, name },
    version: await versionOf([program, ...client.version]),
    async pull(reference) {
      pulls += 1
      const directory = join(own, `${pulls}`)
      await mkdir(directory)
      const env = { HOME: own, ...client.env?.(own) }
      const pull = await runClient([program, ...client.args(reference, directory)], env)
      await rm(directory, { recursive: true, force: true })
      return pull
    },
    stop: () => rm(own, { recursive: true, force: true }),
  }
}

/** Podman unpacks as CRI-O does: both through containers/storage. */
export const podman = (program: string): OneShot => ({
  ...{ id: 'podman', name: 'Podman', program, version: ['--version'] },
  args: (reference, directory) => [
    ...['--root', directory, '--runroot', join(directory, 'run'), '--tmpdir', join(directory, 'tmp')],
    ...['--storage-driver=vfs', '--cgroup-manager=cgroupfs'],
    ...['pull', '--quiet', '--tls-verify=false', '--platform=linux/amd64', reference],
  ],
  env: (own) => ({ CONTAINERS_CONF: join(own, 'containers.conf') }),
})

/** skopeo into a directory: it reads and hashes every blob and unpacks none. */
export const skopeoToDirectory = (program: string): OneShot => ({
  ...{ id: 'skopeo-dir', name: 'skopeo to a directory', program, version: ['--version'] },
  args: (reference, directory) => [...skopeoCopy, `docker://${reference}`, `dir:${directory}`],
})

/** skopeo into containers/storage, which unpacks. */
export const skopeoToStorage = (program: string): OneShot => ({
  ...{ id: 'skopeo', name: 'skopeo to containers-storage', program, version: ['--version'] },
  args: (reference, directory) => [
    ...[...skopeoCopy, `docker://${reference}`],
    `containers-storage:[vfs@${directory}+${join(directory, 'run')}]${reference}`,
  ],
})

const skopeoCopy = [
  ...['--override-os=linux', '--override-arch=amd64', '--insecure-policy'],
  ...['copy', '--quiet', '--src-no-creds', '--src-tls-verify=false'],
]

/** crane into an OCI layout. */
export const crane = (program: string): OneShot => ({
  ...{ id: 'crane', name: 'crane', program, version: ['version'] },
  args: (reference, directory) => [
    ...['pull', '--insecure', '--platform=linux/amd64', '--format=oci', reference, directory],
  ],
})

/** regctl into an OCI layout, the one platform only. */
export const regctl = (program: string): OneShot => ({
  ...{ id: 'regctl', name: 'regctl', program, version: ['version', '--format', '{{.VCSTag}}'] },
  args: (reference, directory) => [
    ...['--host', `reg=${reference.split('/')[0]},tls=disabled`],
    ...['image', 'copy', '--platform=linux/amd64', reference, `ocidir://${directory}:1`],
  ],
})
