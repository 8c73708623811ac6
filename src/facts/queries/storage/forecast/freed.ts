import type { ForecastRun } from '../../../storage/forecast.ts'
import type { StoredRepository } from '../../../storage/inventory.ts'
import { type Collection, isDeleted } from './collection.ts'
import { compareText } from './visited.ts'

/**
 * What a collection frees, in all and by repository, the largest first. A blob counts once: for the first repository by name that links
 * it. Those that no repository links count in the sum only.
 */
export function freedBy(collection: Collection, max: number): ForecastRun['freed'] {
  const { inventory } = collection
  const counted = new Uint8Array(inventory.digests.size())
  const shares: { repository: string; blobs: number; bytes: number }[] = []
  for (const repository of inventory.repositories.toSorted((a, b) => compareText(a.name, b.name))) {
    const share = { repository: repository.name, blobs: 0, bytes: 0 }
    for (const digest of linked(repository)) {
      if (counted[digest] === 1 || !isDeleted(collection, digest)) continue
      counted[digest] = 1
      share.blobs += 1
      share.bytes += inventory.blobs.size(digest) ?? 0
    }
    if (share.blobs > 0) shares.push(share)
  }
  // What nothing names, every collection deletes.
  let { count: blobs, bytes } = inventory.blobs.unnamed()
  for (const digest of inventory.blobs.all()) {
    if (!isDeleted(collection, digest)) continue
    blobs += 1
    bytes += inventory.blobs.size(digest) ?? 0
  }
  const largest = shares.toSorted((a, b) => b.bytes - a.bytes)
  return { blobs, bytes, byRepository: { first: largest.slice(0, max), total: largest.length } }
}

/** All digests that the repository links. */
function* linked(repository: StoredRepository): Iterable<number> {
  yield* repository.layers.equal
  for (const { content } of repository.layers.others) if (content.state === 'digest') yield content.target
  for (const { content } of repository.revisions) if (content.state === 'digest') yield content.target
}
