import type { WritableBlobTable } from '../../../facts/queries/storage/blob-table.ts'
import type { DigestTable } from '../../../facts/queries/storage/digest-table.ts'
import { isStoredDigest } from '../../../facts/queries/storage/stored-digest.ts'
import type { Stray } from '../../../facts/storage/inventory.ts'
import { eachOf } from '../each-of.ts'
import { type BytePath, shownPath } from './byte-path.ts'
import type { Disk, Entry } from './disk.ts'
import type { FileMarks } from './file-marks.ts'
import type { Owners } from './owners.ts'

/** So many folders of blobs are read at the same time. */
const atOnce = 16
/** So many strays of no consequence are kept. */
const maxOthers = 100

/** Reads sizes and times of all data files; returns what does not belong below `blobs`. */
export async function readBlobs(
  disk: Disk,
  digests: DigestTable,
  blobs: WritableBlobTable,
  { marks, owners }: { marks: FileMarks; owners: Owners },
  onRead: () => void,
): Promise<Stray[]> {
  const strays: Stray[] = []
  const stray = (path: BytePath, kind: Stray['kind'], more: Pick<Stray, 'digest'> = {}) => {
    if (kind !== 'other' || strays.length < maxOthers) strays.push({ path: shownPath(path), kind, ...more })
  }

  /** The path of a data file has four parts: `blobs/sha256/01/0123…/data`. */
  const visit = async (above: BytePath[], { name, kind }: Entry): Promise<void> => {
    const parts = [...above, name]
    const path = parts.join('/')
    if (kind === 'symlink') return disk.reportLink(path)
    if (kind === 'folder') {
      if (parts.length > 4) stray(path, 'other')
      // The folder of a single blob holds one file.
      const entries = parts.length < 4 ? disk.stream(path) : await disk.list(path)
      return eachOf(entries, parts.length === 3 ? atOnce : 1, (entry) => visit(parts, entry))
    }
    if (kind !== 'file' || name !== 'data') return stray(path, 'other')
    const digest = namedDigest(path)
    if (digest === undefined) return stray(path, 'data-path')
    if (path !== dataPath(digest)) return stray(path, 'misplaced', { digest: digests.add(digest) })
    const found = await disk.stat(path)
    if (found) {
      const id = digests.add(digest)
      blobs.add(id, found.size, found.mtimeMs)
      marks.note(id, found)
      owners.note('data', () => digest, found)
    }
    onRead()
  }

  if (await disk.find('blobs')) await eachOf(disk.stream('blobs'), 1, (entry) => visit(['blobs'], entry))
  return strays
}

/**
 * The digest that the registry reads from the path of a data file (`digestFromPath` of distribution): from the last two folders, or
 * three where the one in between is the beginning of the last. Undefined if they name none.
 */
export function namedDigest(path: BytePath): string | undefined {
  const [encoded = '', next = '', before = ''] = path.split('/').slice(0, -1).reverse()
  const digest = `${next === encoded.slice(0, 2) ? before : next}:${encoded}`
  return isStoredDigest(digest) ? digest : undefined
}

/** Where the data of a digest is, from the beginning of the layout. */
export function dataPath(digest: string): BytePath {
  const [algorithm = '', encoded = ''] = digest.split(':')
  return `blobs/${algorithm}/${encoded.slice(0, 2)}/${encoded}/data`
}
