import type { ListedBlob } from './blob-list.ts'

/** Blobs up to this size are read to their end where nothing less proves anything, even if the budget is used up. */
export const smallBlobBytes = 8 * 1024 * 1024

/** How many bytes a run may still read of large blobs at depth `probe`. */
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
    if (!takeWholeRead(fact.descriptor.size, budget)) break
    chosen.add(fact.digest)
  }
  return chosen
}

/** Whether a blob of this size may be read to its end. A large one is deducted from the budget; a small one always may. */
export function takeWholeRead(sizeBytes: number, budget: Budget): boolean {
  if (sizeBytes <= smallBlobBytes) return true
  if (sizeBytes > budget.leftBytes) return false
  budget.leftBytes -= sizeBytes
  return true
}
