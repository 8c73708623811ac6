import type { Stats } from 'node:fs'
import { createColumn } from '../../../facts/queries/storage/column.ts'

/** What shows whether a data file is still the one that was hashed, and whether it was written whole. */
export interface FileMarks {
  note: (digest: number, stats: Stats) => void
  /** When its inode changed last, in milliseconds, and the number of that. */
  changedAt: (digest: number) => number
  inode: (digest: number) => number
  isSparse: (digest: number) => boolean
  /** The first with holes, and how many there are. */
  sparse: () => { first: number[]; count: number }
  /** Says of data that nothing names whether it has to be kept nevertheless: it has holes, as few others. */
  isKept: (stats: Stats) => boolean
}

/** Smaller files may be kept in the inode, where they need no block. */
const minSparse = 64 * 1024
const blockBytes = 512
/** So many files with holes are told apart. */
const maxSparse = 100

// Layers are compressed, so a file system that compresses as well saves little.
const hasHoles = ({ size, blocks }: Stats): boolean => size >= minSparse && blocks * blockBytes < size / 2

/** Keeps 16 bytes for each data file, where a run has to know it again: only one that remembers what it hashed. */
export function createFileMarks(isRemembered = true): FileMarks {
  const times = createColumn()
  const inodes = createColumn()
  const sparse = new Set<number>()
  // The others with holes.
  const more = createColumn(0, Uint8Array)
  let count = 0
  const note = (digest: number, stats: Stats) => {
    if (isRemembered) {
      times.set(digest, stats.ctimeMs)
      inodes.set(digest, stats.ino)
    }
    const had = sparse.delete(digest) || more.get(digest) === 1
    const has = hasHoles(stats)
    if (has && sparse.size < maxSparse) sparse.add(digest)
    if (had || has) more.set(digest, has && !sparse.has(digest) ? 1 : 0)
    count += Number(has) - Number(had)
  }
  return {
    note,
    changedAt: times.get,
    inode: inodes.get,
    isSparse: (digest) => sparse.has(digest) || more.get(digest) === 1,
    sparse: () => ({ first: [...sparse], count }),
    isKept: (stats) => {
      if (!hasHoles(stats)) return false
      if (sparse.size < maxSparse) return true
      count += 1
      return false
    },
  }
}
