import { isStoredDigest } from '../../../facts/queries/storage/stored-digest.ts'
import { dataPath, namedDigest } from '../filesystem/blobs.ts'

/** What an object is to the registry, by its path below the root of the layout (distribution, registry/storage/paths.go). */
export type Place =
  | { kind: 'blob' | 'misplaced'; digest: string }
  /** Below `blobs`, but not at a place of the layout; `data-path`: the registry takes it for data, and finds no digest in its path. */
  | { kind: 'data-path' | 'other-blob' }
  | { kind: 'revision' | 'layer'; repository: string; digest: string | undefined }
  | { kind: 'tag'; repository: string; tag: string }
  | { kind: 'history'; repository: string; tag: string; digest: string }
  | { kind: 'upload'; repository: string; id: string; file: string }
  /** Any other object in the folders of a repository, or the marker of such a folder: it shows which folders exist. */
  | { kind: 'inside'; repository: string; inside: string[] }
  /** Among the repositories, with a name that begins with `_`, as only those of the folders inside of a repository do. */
  | { kind: 'underscore' }
  | { kind: 'foreign' }

/** Finds the place of a path, which is relative to the root of the layout. The marker of a folder ends in a slash. */
export function placeOf(path: string): Place {
  const [top, ...rest] = path.split('/')
  if (top === 'blobs') return placeOfBlob(path, rest.at(-1) ?? '')
  if (top !== 'repositories') return { kind: 'foreign' }
  const at = rest.findIndex((part) => folders.has(part))
  if (at > 0 && at < rest.length - 1) return placeInside(rest.slice(0, at).join('/'), rest.slice(at))
  const isUnderscored = rest.findIndex((part) => part.startsWith('_')) === rest.length - 1
  return { kind: isUnderscored ? 'underscore' : 'foreign' }
}

/** The folders that make the folder above them a repository. */
export const folders: ReadonlySet<string> = new Set(['_layers', '_manifests', '_uploads'])

function placeOfBlob(path: string, file: string): Place {
  if (file === '') return { kind: 'foreign' }
  if (file !== 'data') return { kind: 'other-blob' }
  const digest = namedDigest(path)
  if (digest === undefined) return { kind: 'data-path' }
  return { kind: path === dataPath(digest) ? 'blob' : 'misplaced', digest }
}

function placeInside(repository: string, inside: string[]): Place {
  const [folder, ...rest] = inside
  const isLink = rest.at(-1) === 'link'
  if (folder === '_layers' && isLink) return { kind: 'layer', repository, digest: linkedDigest(rest) }
  const [first = '', ...below] = rest
  if (folder === '_uploads' && first !== '' && below.length > 0)
    return { kind: 'upload', repository, id: first, file: below.join('/') }
  if (folder !== '_manifests' || !isLink) return { kind: 'inside', repository, inside }
  if (first === 'revisions') return { kind: 'revision', repository, digest: linkedDigest(below) }
  const [tag = '', part, ...link] = below
  if (first !== 'tags' || tag === '') return { kind: 'inside', repository, inside }
  if (part === 'current' && link.length === 1) return { kind: 'tag', repository, tag }
  const digest = part === 'index' ? linkedDigest(link) : undefined
  return digest === undefined
    ? { kind: 'inside', repository, inside }
    : { kind: 'history', repository, tag, digest }
}

/** The digest in `sha256/<hex>/link`. */
function linkedDigest([algorithm = '', encoded = '', file, more]: string[]): string | undefined {
  const digest = `${algorithm}:${encoded}`
  return file === 'link' && more === undefined && isStoredDigest(digest) ? digest : undefined
}
