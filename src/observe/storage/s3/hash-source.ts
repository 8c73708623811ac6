import { createHash } from 'node:crypto'
import { dataPath } from '../filesystem/blobs.ts'
import { createFileMarks } from '../filesystem/file-marks.ts'
import type { FileHash } from '../hashing/hash-file.ts'
import type { HashSource } from '../hashing/pass.ts'
import type { Bucket } from './bucket.ts'

/** The hashes of manifests that were read anyway. */
export interface ReadHashes {
  add: (digest: string, bytes: Buffer) => void
  /** The hash of one, once: a second reading is to be another one. */
  take: (digest: string) => FileHash | undefined
}

export function createReadHashes(): ReadHashes {
  const known = new Map<string, FileHash>()
  return {
    add: (digest, bytes) => {
      const hex = createHash(algorithmOf(digest)).update(bytes).digest('hex')
      known.set(digest, { state: 'hashed', hex, bytes: bytes.length })
    },
    take: (digest) => {
      const found = known.get(digest)
      known.delete(digest)
      return found
    },
  }
}

/** Hashes the objects below the key `root`. A bucket has neither inodes nor holes: its times alone tell whether data changed. */
export const bucketSource = (
  bucket: Bucket,
  root: string,
  known: ReadHashes,
  concurrency: number,
): HashSource => ({
  ...{ marks: createFileMarks(), atOnce: concurrency },
  open: (throttle, signal) => async (digest) => {
    signal.throwIfAborted()
    const before = known.take(digest)
    if (before) return before
    const algorithm = algorithmOf(digest)
    if (algorithm !== 'sha256' && algorithm !== 'sha512') return { state: 'unreadable' }
    const found = await bucket.hash(`${root}${dataPath(digest)}`, algorithm, throttle.after)
    signal.throwIfAborted()
    if (!found.seen) return { state: 'unreadable' }
    if (found.value === undefined) return { state: 'changed' }
    const { digest: actual, bytes } = found.value
    return { state: 'hashed', hex: actual.slice(actual.indexOf(':') + 1), bytes }
  },
})

const algorithmOf = (digest: string): string => digest.slice(0, digest.indexOf(':'))
