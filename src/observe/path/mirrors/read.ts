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
  const names = (await readdir(full)).toSorted()
  if (names.includes('hosts.toml')) return certsD(dirname(full), [basename(full)])
  const dropIns = names.filter((name) => name.endsWith('.conf'))
  return dropIns.length > 0 ? registriesConf(dropIns.map((name) => join(full, name))) : certsD(full, names)
}

async function oneFile(full: string, path: string): Promise<MirrorConfig | MirrorProblem> {
  if (basename(full) === 'hosts.toml') return certsD(dirname(dirname(full)), [basename(dirname(full))])
  const text = await textOf(full)
  if (text === undefined) return { file: path, message: 'cannot be read, or is larger than 1 MiB' }
  const kind = kindOf(basename(full), text)
  if (kind === undefined) return { file: path, message: unknownKind }
  return kind === 'registries.conf'
    ? registriesConf([full, ...(await dropInsOf(full))])
    : { kind, file: full, text }
}

type FileKind = Exclude<MirrorConfig['kind'], 'certs.d'>

/** By the usual name of a file, else by what only one of them has. */
function kindOf(name: string, text: string): FileKind | undefined {
  const forms: [FileKind, RegExp, RegExp][] = [
    ['daemon.json', /^daemon\.json$/, /"(?:registry-mirrors|insecure-registries)"/],
    ['buildkitd.toml', /^buildkitd\.toml$/, /^\s*\[registry\.["'\w]/m],
    ['registries.conf', /\.conf$/, /^\s*(?:\[\[registry\]\]|unqualified-search-registries)/m],
    ['registries.yaml', /^registries\.ya?ml$/, /^(?:mirrors|configs):/m],
  ]
  const [named] = forms.filter(([, usual]) => usual.test(name))
  const [alike] = forms.filter(([, , content]) => content.test(text))
  return (named ?? alike)?.[0]
}

/** containers/image reads them after the file beside which they are, in the order of their names. */
async function dropInsOf(full: string): Promise<string[]> {
  const folder = `${full}.d`
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((name) => name.endsWith('.conf'))
    .toSorted()
    .map((name) => join(folder, name))
}

async function registriesConf(paths: string[]): Promise<MirrorConfig> {
  const read = paths.map(async (file) => ({ file, text: (await textOf(file)) ?? '' }))
  return { kind: 'registries.conf', files: await Promise.all(read) }
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

/** The text of a regular file of bounded size; undefined for anything else, as a pipe that would never end. */
export async function textOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() && found.size <= maxBytes ? readFile(path, 'utf8').catch(() => undefined) : undefined
}
