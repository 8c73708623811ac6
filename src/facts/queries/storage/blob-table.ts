import type { BlobTable, UnnamedData } from '../../storage/inventory.ts'
import { createColumn } from './column.ts'
import { settledMs } from './settled.ts'

/** A blob table while it is read. */
export interface WritableBlobTable extends BlobTable {
  /** Adds a data file, or corrects what is known of it. `size` in bytes, `modifiedAt` in milliseconds. */
  add: (digest: number, size: number, modifiedAt: number) => void
  /** Forgets a data file that is gone. */
  remove: (digest: number) => void
  /** Counts a data file that nothing names, which is not kept. */
  addUnnamed: (digest: string, size: number, modifiedAt: number) => void
  /** Takes back that it was counted: something names it now, and it is added. */
  takeUnnamed: (digest: string, size: number, modifiedAt: number) => void
}

const absent = -1
/** So many digests of data that nothing names are kept. */
const maxUnnamed = 5

/** Makes an empty table: 20 bytes for each digest. `now`, in milliseconds, is when reading began. */
export function createBlobTable(now = 0): WritableBlobTable {
  const sizes = createColumn(absent)
  const times = createColumn()
  const order = createColumn(0, Int32Array)
  const removed = new Set<number>()
  const unnamed: UnnamedData = { count: 0, bytes: 0, settled: { count: 0, bytes: 0, first: [] } }
  let added = 0
  let count = 0

  const has = (digest: number): boolean => sizes.get(digest) !== absent
  const countUnnamed = (step: 1 | -1, size: number, modifiedAt: number): boolean => {
    unnamed.count += step
    unnamed.bytes += step * size
    if (now - modifiedAt < settledMs) return false
    unnamed.settled.count += step
    unnamed.settled.bytes += step * size
    return true
  }

  return {
    size: (digest) => (has(digest) ? sizes.get(digest) : undefined),
    modifiedAt: (digest) => (has(digest) ? times.get(digest) : undefined),
    *all() {
      for (let at = 0; at < added; at += 1) if (has(order.get(at))) yield order.get(at)
    },
    count: () => count + unnamed.count,
    unnamed: () => unnamed,
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
    addUnnamed: (digest, size, modifiedAt) => {
      const isSettled = countUnnamed(1, size, modifiedAt)
      const { first } = unnamed.settled
      if (isSettled && first.length < maxUnnamed) first.push(digest)
    },
    takeUnnamed: (digest, size, modifiedAt) => {
      const { settled } = unnamed
      countUnnamed(-1, size, modifiedAt)
      settled.first = settled.first.filter((one) => one !== digest)
    },
  }
}
