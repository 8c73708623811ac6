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
  /** The user that most data files belong to, and those of others that nobody but their owner may read. */
  owners: () => { owner: number; closed: { uid: number; count: number; first: number[] }[] }
}

/** Smaller files may be kept in the inode, where they need no block. */
const minSparse = 64 * 1024
const blockBytes = 512
/** So many files of each owner are named. */
const maxClosed = 20
/** The group's and others' permission to read. An access control list that lets somebody read sets that of the group. */
const othersMayRead = 0o044

/** Keeps 16 bytes for each data file. */
export function createFileMarks(): FileMarks {
  const times = createColumn()
  const inodes = createColumn()
  const sparse = new Set<number>()
  const counts = new Map<number, number>()
  // By owner; nobody else may read them.
  const closed = new Map<number, { count: number; first: number[] }>()
  return {
    note: (digest, { ctimeMs, ino, size, blocks, uid, mode }) => {
      times.set(digest, ctimeMs)
      inodes.set(digest, ino)
      // Layers are compressed, so a file system that compresses as well saves little.
      if (size >= minSparse && blocks * blockBytes < size / 2) sparse.add(digest)
      else sparse.delete(digest)
      counts.set(uid, (counts.get(uid) ?? 0) + 1)
      if ((mode & othersMayRead) !== 0) return
      const own = closed.get(uid) ?? { count: 0, first: [] }
      closed.set(uid, own)
      own.count += 1
      if (own.first.length < maxClosed) own.first.push(digest)
    },
    changedAt: times.get,
    inode: inodes.get,
    isSparse: (digest) => sparse.has(digest),
    sparse: () => sparse,
    owners: () => {
      const [[owner] = [0]] = [...counts].toSorted(([, a], [, b]) => b - a)
      return {
        owner,
        closed: [...closed].flatMap(([uid, found]) => (uid === owner ? [] : [{ uid, ...found }])),
      }
    },
  }
}
