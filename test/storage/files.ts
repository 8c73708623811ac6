import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The files of a registry's layout, by their path from its root. A folder without anything in it is undefined. */
export type Files = Map<string, Buffer | undefined>

/** Writes the files below a folder. */
export function writeFiles(folder: string, files: Files): void {
  const made = new Set<string>()
  const make = (path: string) => {
    if (made.has(path)) return
    mkdirSync(path, { recursive: true })
    made.add(path)
  }
  for (const [path, content] of files) {
    const full = join(folder, path)
    make(content === undefined ? full : dirname(full))
    if (content !== undefined) writeFileSync(full, content)
  }
}

/** The files below a folder, without the folders. */
export function readFiles(folder: string): Files {
  const files: Files = new Map()
  const read = (below: string): void => {
    for (const entry of readdirSync(`${folder}/${below}`, { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) read(path)
      else if (entry.isFile()) files.set(path, readFileSync(`${folder}/${path}`))
    }
  }
  read('')
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
