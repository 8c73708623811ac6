import type { BlobTable } from '../../storage/inventory.ts'
import { createColumn } from './column.ts'

/** A blob table while it is read. */
export interface WritableBlobTable extends BlobTable {
  /** Adds a data file, or corrects what is known of it. `size` in bytes, `modifiedAt` in milliseconds. */
  add: (digest: number, size: number, modifiedAt: number) => void
  /** Forgets a data file that is gone. */
  remove: (digest: number) => void
}

const absent = -1

/** Makes an empty table: 20 bytes for each digest. */
export function createBlobTable(): WritableBlobTable {
  const sizes = createColumn(absent)
  const times = createColumn()
  const order = createColumn(0, Int32Array)
  const removed = new Set<number>()
  let added = 0
  let count = 0

  const has = (digest: number): boolean => sizes.get(digest) !== absent

  return {
    size: (digest) => (has(digest) ? sizes.get(digest) : undefined),
    modifiedAt: (digest) => (has(digest) ? times.get(digest) : undefined),
    *all() {
      for (let at = 0; at < added; at += 1) if (has(order.get(at))) yield order.get(at)
    },
    count: () => count,
    add: (digest, size, modifiedAt) => {
      if (!has(digest)) {
        // One that was removed and came back still stands in the order.
        if (!removed.delete(digest)) {
          order.set(added, digest)
          added += 1
        }
        count += 1
      }
      sizes.set(digest, size)
      times.set(digest, modifiedAt)
    },
    remove: (digest) => {
      if (!has(digest)) return
      sizes.set(digest, absent)
      removed.add(digest)
      count -= 1
    },
  }
}
