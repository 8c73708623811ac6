import { dataPath } from '../filesystem/blobs.ts'
import { createFileMarks } from '../filesystem/file-marks.ts'
import type { FileHash } from '../hashing/hash-file.ts'
import type { HashSource } from '../hashing/pass.ts'
import { algorithmOf, type ReadHashes } from '../hashing/read-hashes.ts'
import type { Bucket } from './bucket.ts'

/** Hashes the objects below the key `root`. A bucket has neither inodes nor holes: its times alone tell whether data changed. */
export const bucketSource = (
  bucket: Bucket,
  root: string,
  known: ReadHashes,
  concurrency: number,
): HashSource => ({
  ...{ marks: createFileMarks(), atOnce: concurrency },
  small: async (digest) => known.take(digest) ?? hashObject(bucket, root, digest, async () => {}),
  open: (throttle) => (digest) => hashObject(bucket, root, digest, throttle.after),
})

async function hashObject(
  bucket: Bucket,
  root: string,
  digest: string,
  onChunk: (bytes: number) => Promise<void>,
): Promise<FileHash> {
  const algorithm = algorithmOf(digest)
  if (algorithm !== 'sha256' && algorithm !== 'sha512') return { state: 'unreadable' }
  const found = await bucket.hash(`${root}${dataPath(digest)}`, algorithm, onChunk)
  if (!found.seen) return { state: 'unreadable' }
  if (found.value === undefined) return { state: 'changed' }
  const { digest: actual, bytes } = found.value
  return { state: 'hashed', hex: actual.slice(actual.indexOf(':') + 1), bytes }
}
