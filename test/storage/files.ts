import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The files of a registry's layout, by their path from its root. A folder without anything in it is undefined. */
export type Files = Map<string, Buffer | undefined>

/** Writes the files below a folder. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  const folders = new Set<string>()
  for (const [path, content] of files) folders.add(join(folder, content === undefined ? path : dirname(path)))
  for (const path of folders) await mkdir(path, { recursive: true })
  await Promise.all(Array.from(files, ([path, content]) => content && writeFile(join(folder, path), content)))
}

/** The files below a folder, without the folders. */
export async function readFiles(folder: string): Promise<Files> {
  const files: Files = new Map()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.set(path.slice(folder.length + 1), await readFile(path))
  }
  return files
}

/** The digest of a content. */
export const digestOf = (content: string | Buffer, algorithm: 'sha256' | 'sha512' = 'sha256'): string =>
  `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`

/** Puts a blob into its place and returns its digest. */
export function addBlob(files: Files, content: string, algorithm: 'sha256' | 'sha512' = 'sha256'): string {
  const digest = digestOf(content, algorithm)
  files.set(`${blobFolder(digest)}/data`, Buffer.from(content))
  return digest
}

export function blobFolder(digest: string): string {
  const [algorithm = '', encoded = ''] = digest.split(':')
  return `blobs/${algorithm}/${encoded.slice(0, 2)}/${encoded}`
}

export const revisionFolder = (repository: string, digest: string): string =>
  `repositories/${repository}/_manifests/revisions/${digest.replace(':', '/')}`
export const layerFolder = (repository: string, digest: string): string =>
  `repositories/${repository}/_layers/${digest.replace(':', '/')}`
export const tagFolder = (repository: string, tag: string): string =>
  `repositories/${repository}/_manifests/tags/${tag}`

/** Removes all that stands below a folder, and the folder. Its parent stays, empty if need be. */
export function removeFolder(files: Files, folder: string): void {
  for (const path of files.keys()) if (path === folder || path.startsWith(`${folder}/`)) files.delete(path)
  const parent = dirname(folder)
  if (!Array.from(files.keys()).some((path) => path.startsWith(`${parent}/`))) files.set(parent, undefined)
}
