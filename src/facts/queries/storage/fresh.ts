import type { Inventory, StoredRepository } from '../../storage/inventory.ts'
import type { LayoutFact } from '../../storage.ts'

/**
 * The halves of the layout that are gone although the other half needs them. A registry makes each with the first push: the repositories
 * when an upload begins, the blobs when it ends. It never removes the folder of a repository, so that none beside blobs is an empty
 * mount or half a restore.
 */
export function missingHalves(
  inventory: Inventory,
  absent: readonly ('blobs' | 'repositories')[],
): LayoutFact['lacks'] {
  const { repositories, blobs, strays, unread } = inventory
  const isNeeded = {
    blobs: repositories.some(hasLinks) || unread.repositories(),
    repositories: blobs.count() > 0 || strays.length > 0,
  }
  const isEmpty = repositories.length === 0 && blobs.count() > 0 && !unread.repositories()
  const gone = new Set([...absent, ...(isEmpty ? (['repositories'] as const) : [])])
  return [...gone].filter((half) => isNeeded[half])
}

/** Whether a push got so far that it linked something. */
const hasLinks = ({ revisions, tags, layers }: StoredRepository): boolean =>
  revisions.length + tags.length + layers.equal.length + layers.others.length > 0

/** Whether nothing was pushed to the registry yet. */
export const isFresh = (inventory: Inventory): boolean =>
  !(inventory.hasBlobs && inventory.hasRepositories) &&
  missingHalves(inventory, ['blobs', 'repositories']).length === 0
