import type { ListedBlob } from './blob-list.ts'

/** A blob of at most this size is read whole from a registry that ignores ranges, whatever the budget. */
export const smallBlob = 8 * 1024 * 1024

/** How many bytes a run may still read to prove large blobs where ranges are ignored. */
export interface Budget {
  left: number
}

/**
 * Which blobs of a repository are read to their end when its registry ignores ranges: all small ones, and of the large ones
 * the smallest first, as long as the budget lasts. Takes what it grants from the budget.
 */
export function grantReads(blobs: ListedBlob[], budget: Budget): Set<string> {
  const granted = new Set<string>()
  for (const { fact } of blobs) {
    const { size } = fact.descriptor
    if (size > smallBlob) {
      if (size > budget.left) break
      budget.left -= size
    }
    granted.add(fact.digest)
  }
  return granted
}
