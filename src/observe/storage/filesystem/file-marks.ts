import type { Stats } from 'node:fs'
import { createColumn } from '../../../facts/queries/storage/column.ts'

/** What shows whether a data file is still the one that was hashed, and whether it was written whole. */
export interface FileMarks {
  note: (digest: number, stats: Stats) => void
  /** When its inode changed last, in milliseconds, and the number of that. */
  changedAt: (digest: number) => number
  inode: (digest: number) => number
  isSparse: (digest: number) => boolean
  sparse: () => Iterable<number>
}

/** Smaller files may be kept in the inode, where they need no block. */
const minSparse = 64 * 1024
const blockBytes = 512

/** Keeps 16 bytes for each data file, where a run has to know it again: only one that remembers what it hashed. */
export function createFileMarks(isRemembered = true): FileMarks {
  const times = createColumn()
  const inodes = createColumn()
  const sparse = new Set<number>()
  return {
    note: (digest, { ctimeMs, ino, size, blocks }) => {
      if (isRemembered) {
        times.set(digest, ctimeMs)
        inodes.set(digest, ino)
      }
      // Layers are compressed, so a file system that compresses as well saves little.
      if (size >= minSparse && blocks * blockBytes < size / 2) sparse.add(digest)
      else sparse.delete(digest)
    },
    changedAt: times.get,
    inode: inodes.get,
    isSparse: (digest) => sparse.has(digest),
    sparse: () => sparse,
  }
}
