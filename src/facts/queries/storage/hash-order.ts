/** What is known of the data of a digest that is to be hashed. */
export interface HashCandidates {
  digests: Iterable<number>
  /** The data has far fewer blocks on disk than its size needs, as if a part of it had never been written. */
  isSparse: (digest: number) => boolean
  /** When it was hashed last, in milliseconds; undefined if it never was, or changed since. */
  hashedAt: (digest: number) => number | undefined
  /** When it was written, in milliseconds. */
  modifiedAt: (digest: number) => number | undefined
}

/**
 * The order in which data is hashed: what has holes first, then what was never hashed, the oldest first, then what was hashed longest
 * ago. So a pass that ends early goes on where it ended, and comes round.
 */
export function hashOrder({ digests, isSparse, hashedAt, modifiedAt }: HashCandidates): Int32Array {
  const order = Int32Array.from(digests)
  const size = order.reduce((most, digest) => Math.max(most, digest + 1), 0)
  // One number decides: holes before zero, times of files before times of hashes.
  const keys = new Float64Array(size)
  for (const digest of order) {
    const last = hashedAt(digest)
    const key = last === undefined ? (modifiedAt(digest) ?? 0) : last + hashedOffset
    keys[digest] = isSparse(digest) && last === undefined ? key - hashedOffset : key
  }
  return order.sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0))
}

/** More than any time in milliseconds. */
const hashedOffset = 1e14
