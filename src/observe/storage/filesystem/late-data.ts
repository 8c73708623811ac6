import type { WritableBlobTable } from '../../../facts/queries/storage/blob-table.ts'
import type { DigestTable } from '../../../facts/queries/storage/digest-table.ts'
import { dataPath } from './blobs.ts'
import type { Disk } from './disk.ts'
import type { FileMarks } from './file-marks.ts'

/** Data that was first named after all data was read, and may have been counted as data that nothing names. */
export interface LateData {
  /** The size of the data of a digest, which is looked for if it was named late; undefined if there is none. */
  sizeOf: (digest: number) => Promise<number | undefined>
  /** Looks for the data of all digests that were named late. */
  read: () => Promise<void>
}

interface LateDataOptions {
  disk: Disk
  digests: DigestTable
  blobs: WritableBlobTable
  marks: FileMarks
  /** When the folder with the data of a digest was read, in milliseconds since the epoch. */
  readAt: (digest: string) => number | undefined
  /** The first digest that was named late. */
  from: number
}

/** Names what was counted: a push that ends while the storage is read, or the place of a misplaced file. */
export function createLateData({ disk, digests, blobs, marks, readAt, from }: LateDataOptions): LateData {
  let next = from
  const sizeOf = async (digest: number): Promise<number | undefined> => {
    const size = blobs.size(digest)
    if (size !== undefined || digest < from) return size
    const text = digests.text(digest)
    const found = await disk.find(dataPath(text))
    if (!found?.isFile()) return undefined
    // The name of a file changes this time when it is moved to its place.
    if (found.ctimeMs <= (readAt(text) ?? 0)) blobs.takeUnnamed(text, found.size, found.mtimeMs)
    blobs.add(digest, found.size, found.mtimeMs)
    marks.note(digest, found)
    return found.size
  }
  return {
    sizeOf,
    read: async () => {
      for (; next < digests.size(); next += 1) await sizeOf(next)
    },
  }
}
