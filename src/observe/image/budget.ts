import type { ListedBlob } from './blob-list.ts'

/** Blobs up to this size are read to their end from a registry that ignores ranges, even if the budget is used up. */
export const smallBlobBytes = 8 * 1024 * 1024

/** How many bytes a run may still read to prove large blobs where ranges are ignored. */
export interface Budget {
  leftBytes: number
}

/**
 * Chooses the blobs of a repository to read to their end when its registry ignores ranges: all small ones, then large ones,
 * smallest first, until the budget is used up. Expects the blobs sorted by size. Deducts the large ones from the budget.
 */
export function chooseWholeReads(blobs: ListedBlob[], budget: Budget): Set<string> {
  const chosen = new Set<string>()
  for (const { fact } of blobs) {
    const { size } = fact.descriptor
    if (size > smallBlobBytes) {
      if (size > budget.leftBytes) break
      budget.leftBytes -= size
    }
    chosen.add(fact.digest)
  }
  return chosen
}
