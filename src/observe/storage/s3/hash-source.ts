import type { UnreadPlace } from '../../../facts/storage.ts'
import { dataPath } from '../filesystem/blobs.ts'
import { createFileMarks } from '../filesystem/file-marks.ts'
import type { FileHash } from '../hashing/hash-file.ts'
import type { HashSource } from '../hashing/pass.ts'
import { algorithmOf, type ReadHashes } from '../hashing/read-hashes.ts'
import type { Reading } from '../reading.ts'
import type { Bucket } from './bucket.ts'

/** What objects are hashed with. */
interface BucketSourceOptions {
  bucket: Bucket
  /** The key of the root of the layout, with a slash at its end. */
  root: string
  /** The hashes of manifests that were read. */
  known: ReadHashes
  /** The most requests at once. */
  concurrency: number
  inventory: Pick<Reading['inventory'], 'digests' | 'blobs'>
  onUnread: (place: UnreadPlace) => void
}

/** Hashes the objects of a bucket, which has neither inodes nor holes: its times alone tell whether data changed. */
export function bucketSource(options: BucketSourceOptions): HashSource {
  const { known, concurrency } = options
  return {
    ...{ marks: createFileMarks(), atOnce: concurrency },
    small: async (digest) => known.take(digest) ?? hashObject(options, digest, async () => {}),
    open: (throttle) => (digest) => hashObject(options, digest, throttle.after),
  }
}

async function hashObject(
  { bucket, root, inventory: { digests, blobs }, onUnread }: BucketSourceOptions,
  digest: string,
  onChunk: (bytes: number) => Promise<void>,
): Promise<FileHash> {
  const algorithm = algorithmOf(digest)
  if (algorithm !== 'sha256' && algorithm !== 'sha512') return { state: 'unreadable' }
  const found = await bucket.hash(`${root}${dataPath(digest)}`, algorithm, onChunk)
  if (!found.seen) return { state: 'unreadable' }
  if (found.value === undefined) return { state: 'changed' }
  const { digest: actual, bytes } = found.value
  const id = digests.find(digest) ?? -1
  const listed = blobs.size(id)
  // Then the listing is wrong, and neither the data nor what a manifest states of it.
  if (actual === digest && listed !== undefined && listed !== bytes) {
    blobs.add(id, bytes, blobs.modifiedAt(id) ?? 0)
    const why = `the listing says that it has ${listed} bytes, and it has ${bytes}`
    onUnread({ path: dataPath(digest), half: 'blobs', kind: 'other', why })
  }
  return { state: 'hashed', hex: actual.slice(actual.indexOf(':') + 1), bytes }
}
