import type { BlobTable } from '../../storage/inventory.ts'

/** A blob table while it is read. */
export interface WritableBlobTable extends BlobTable {
  /** Adds a data file, or corrects what is known of it. `size` in bytes, `modifiedAt` in milliseconds. */
  add: (digest: number, size: number, modifiedAt: number) => void
  /** Forgets a data file that is gone. */
  remove: (digest: number) => void
}

/** Makes an empty table: 20 bytes for each digest. */
export function createBlobTable(): WritableBlobTable {
  let sizes = new Float64Array(1024).fill(Number.NaN)
  let times = new Float64Array(1024)
  let order = new Int32Array(1024)
  const removed = new Set<number>()
  let added = 0
  let count = 0

  const has = (digest: number): boolean => !Number.isNaN(sizes[digest] ?? Number.NaN)

  const makeRoom = (digest: number) => {
    if (digest >= sizes.length) {
      const length = Math.max(digest + 1, sizes.length * 2)
      const larger = new Float64Array(length).fill(Number.NaN)
      larger.set(sizes)
      sizes = larger
      times = grown(times, length)
    }
    if (added >= order.length) order = grown(order, order.length * 2)
  }

  return {
    size: (digest) => (has(digest) ? sizes[digest] : undefined),
    modifiedAt: (digest) => (has(digest) ? times[digest] : undefined),
    *all() {
      for (const digest of order.subarray(0, added)) if (has(digest)) yield digest
    },
    count: () => count,
    add: (digest, size, modifiedAt) => {
      if (!has(digest)) {
        makeRoom(digest)
        // One that was removed and came back still stands in the order.
        if (!removed.delete(digest)) {
          order[added] = digest
          added += 1
        }
        count += 1
      }
      sizes[digest] = size
      times[digest] = modifiedAt
    },
    remove: (digest) => {
      if (!has(digest)) return
      sizes[digest] = Number.NaN
      removed.add(digest)
      count -= 1
    },
  }
}

function grown<T extends Float64Array | Int32Array>(old: T, length: number): T {
  const larger = (old instanceof Int32Array ? new Int32Array(length) : new Float64Array(length)) as T
  larger.set(old)
  return larger
}
