import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { BlobTable, Inventory } from '../../../facts/storage/inventory.ts'
import { createFileHasher, type FileHash } from '../hashing/hash-file.ts'
import type { HashSource } from '../hashing/pass.ts'
import { algorithmOf, type ReadHashes } from '../hashing/read-hashes.ts'
import { dataPath } from './blobs.ts'
import type { Disk } from './disk.ts'
import type { FileMarks } from './file-marks.ts'

/** What files are hashed with. */
interface FileSourceOptions {
  disk: Disk
  marks: FileMarks
  inventory: Inventory
  /** The hashes of manifests that were read. */
  known: ReadHashes
  /** The folder of the layout, and that of the whole storage. */
  base: string
  root: string
}

/** Hashes the data files of a storage, one at a time: more would make a disk seek. */
export function fileSource({ disk, marks, inventory, known, base, root }: FileSourceOptions): HashSource {
  // Much later than it was listed: a folder may have become a symbolic link.
  const isThere = async (digest: string) => (await disk.find(dataPath(digest)))?.isFile() === true
  return {
    ...{ marks, root, atOnce },
    open: (throttle, signal) => {
      const hash = createFileHasher(throttle, signal)
      return async (digest) =>
        (await isThere(digest))
          ? hash(join(base, dataPath(digest)), algorithmOf(digest))
          : { state: 'changed' }
    },
    small: async (digest) =>
      known.take(digest) ??
      ((await isThere(digest)) ? hashSmall(disk, digest, inventory) : { state: 'changed' }),
  }
}

/** So many small files are hashed at the same time. */
const atOnce = 4

async function hashSmall(
  disk: Disk,
  digest: string,
  { digests, blobs }: { digests: Inventory['digests']; blobs: BlobTable },
): Promise<FileHash> {
  const size = blobs.size(digests.find(digest) ?? -1) ?? 0
  const bytes = await disk.read(dataPath(digest), size + 1)
  if (bytes === undefined) return { state: 'changed' }
  if ('why' in bytes) return { state: 'unreadable' }
  if (bytes.length !== size) return { state: 'changed' }
  return { state: 'hashed', hex: createHash(algorithmOf(digest)).update(bytes).digest('hex'), bytes: size }
}
