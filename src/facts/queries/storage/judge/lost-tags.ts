import type { StorageFaults } from '../../../storage/fault.ts'
import type { Inventory } from '../../../storage/inventory.ts'
import { topManifests } from './images.ts'

/** A build may push its images by digest first, and tag them when all are there. */
const settledMs = 60 * 60 * 1000
/** So many manifests are named. */
const maxNewest = 5

/**
 * The repositories that have manifests, and no folder of tags. A registry makes the folder with the first tag, and leaves it when the
 * last one is deleted; a bucket has no folders. `now` in milliseconds.
 */
export function lostTags(inventory: Inventory, now: number): StorageFaults['lostTags']['items'] {
  const { driver, isCache, repositories, digests, blobs, unread } = inventory
  if (driver !== 'filesystem' || isCache) return []
  return repositories.flatMap((repository) => {
    const { name, hasTags, uploads } = repository
    if (hasTags || uploads.length > 0 || unread.links(name, 'revision')) return []
    const images = topManifests(repository, inventory).flatMap(({ digest }) => {
      const at = blobs.modifiedAt(digest)
      return at === undefined ? [] : [{ digest, at }]
    })
    const newest = images.toSorted((a, b) => b.at - a.at)
    const [last] = newest
    if (!last || now - last.at < settledMs) return []
    return [
      {
        ...{ repository: name, images: images.length },
        newest: newest.slice(0, maxNewest).map(({ digest, at }) => ({ digest: digests.text(digest), at })),
      },
    ]
  })
}
