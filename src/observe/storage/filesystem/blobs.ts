import type { Stats } from 'node:fs'
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

interface BlobsOptions {
  marks: FileMarks
  owners: Owners
  /** Data that nothing names is kept like all other, not only counted. */
  keepsAll: boolean
  onRead: () => void
}

/** What was read of the folder `blobs`. */
interface BlobsRead {
  /** What does not belong there. */
  strays: Stray[]
  /** When the folder with the data of a digest was read, in milliseconds since the epoch; undefined if it was not. */
  readAt: (digest: string) => number | undefined
}

/**
 * Reads sizes and times of all data files. What a link, a tag or a manifest names has a number in `digests` by then; the rest, of which
 * there may be millions, is counted only.
 */
export async function readBlobs(
  disk: Disk,
  digests: DigestTable,
  blobs: WritableBlobTable,
  { marks, owners, keepsAll, onRead }: BlobsOptions,
): Promise<BlobsRead> {
  const strays: Stray[] = []
  const times = new Map<BytePath, number>()
  const stray = (path: BytePath, kind: Stray['kind'], more: Pick<Stray, 'digest'> = {}) => {
    if (kind !== 'other' || strays.length < maxOthers) strays.push({ path: shownPath(path), kind, ...more })
  }

  const addData = (digest: string, stats: Stats) => {
    const known = digests.find(digest) ?? (keepsAll || marks.isKept(stats) ? digests.add(digest) : undefined)
    if (known === undefined) blobs.addUnnamed(digest, stats.size, stats.mtimeMs)
    else {
      blobs.add(known, stats.size, stats.mtimeMs)
      marks.note(known, stats)
    }
    owners.note('data', () => digest, stats)
  }

  /** The path of a data file has five parts: `blobs/sha256/01/0123…/data`. `depth` is how many the entry has. */
  const visit = async (above: BytePath, depth: number, { name, kind }: Entry): Promise<void> => {
    const path = `${above}/${name}`
    if (kind === 'symlink') return disk.reportLink(path)
    if (kind === 'folder') {
      if (depth > 4) stray(path, 'other')
      // The folder of a single blob holds one file.
      const entries = depth < 4 ? disk.stream(path) : await disk.list(path)
      await eachOf(entries, depth === 3 ? atOnce : 1, (entry) => visit(path, depth + 1, entry))
      if (depth === 3) times.set(path, Date.now())
      return
    }
    if (kind !== 'file' || name !== 'data') return stray(path, 'other')
    const digest = namedDigest(path)
    if (digest === undefined) return stray(path, 'data-path')
    if (path !== dataPath(digest)) return stray(path, 'misplaced', { digest: digests.add(digest) })
    const found = await disk.stat(path)
    if (found) addData(digest, found)
    onRead()
  }

  if (await disk.find('blobs')) await eachOf(disk.stream('blobs'), 1, (entry) => visit('blobs', 2, entry))
  return { strays, readAt: (digest) => times.get(dataPath(digest).split('/').slice(0, 3).join('/')) }
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
