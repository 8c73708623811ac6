import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { MirrorProblem } from '../../../facts/path/mirrors.ts'
import type { CertsDFolder } from '../../../oci/runtimes/containerd/certs-d.ts'
import type { MirrorConfig } from '../../../oci/runtimes/runtimes.ts'

/** More than any host has; the rest is not read. */
const maxFolders = 256
const maxBytes = 1024 * 1024

/** Reads a file or folder of the setting `mirror_config`. */
export async function readMirrorConfig(path: string): Promise<MirrorConfig | MirrorProblem> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error)
  const full = resolve(path)
  if (found instanceof Error) return { file: path, message: unreadable(found.code) }
  if (!found.isDirectory()) return oneFile(full, path)
  const names = await readdir(full)
  return names.includes('hosts.toml') ? certsD(dirname(full), [basename(full)]) : certsD(full, names)
}

function oneFile(full: string, path: string): Promise<MirrorConfig> | MirrorProblem {
  if (basename(full) === 'hosts.toml') return certsD(dirname(dirname(full)), [basename(dirname(full))])
  return { file: path, message: unknownKind }
}

const unknownKind =
  'is none of the files that are known: a certs.d folder or a hosts.toml of containerd, registries.yaml of k3s or RKE2, daemon.json of Docker, buildkitd.toml, registries.conf of CRI-O and Podman'

const unreadable = (code: string | undefined): string =>
  code === 'ENOENT'
    ? 'does not exist in this step: mount it from the host (volumes), or correct the path'
    : `cannot be read (${code})`

async function certsD(root: string, names: string[]): Promise<MirrorConfig> {
  const folders = names.slice(0, maxFolders).map(async (name): Promise<CertsDFolder | undefined> => {
    const files = await readdir(join(root, name)).catch(() => undefined)
    if (!files) return undefined
    const text = files.includes('hosts.toml') ? await textOf(join(root, name, 'hosts.toml')) : undefined
    return { name, files, ...(text === undefined ? {} : { hostsToml: text }) }
  })
  return { kind: 'certs.d', root, folders: (await Promise.all(folders)).filter((one) => one !== undefined) }
}

async function textOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() && found.size <= maxBytes ? readFile(path, 'utf8').catch(() => undefined) : undefined
}
