import { createHash } from 'node:crypto'
import type { FileHash } from './hash-file.ts'

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

/** The algorithm of a digest. */
export const algorithmOf = (digest: string): string => digest.slice(0, digest.indexOf(':'))
