import { join } from 'node:path'
import { createFileHasher } from '../hashing/hash-file.ts'
import type { HashSource } from '../hashing/pass.ts'
import { dataPath } from './blobs.ts'
import type { Disk } from './disk.ts'
import type { FileMarks } from './file-marks.ts'

/** Hashes the data files below `base`, in the storage `root`, one at a time: more would make a disk seek. */
export const fileSource = (
  disk: Disk,
  marks: FileMarks,
  { base, root }: { base: string; root: string },
): HashSource => ({
  ...{ marks, root, atOnce: 1 },
  open: (throttle, signal) => {
    const hash = createFileHasher(throttle, signal)
    return async (digest) => {
      // Much later than it was listed: a folder may have become a symbolic link.
      const isThere = (await disk.find(dataPath(digest)))?.isFile() === true
      return isThere
        ? hash(join(base, dataPath(digest)), digest.slice(0, digest.indexOf(':')))
        : { state: 'changed' }
    }
  },
})
