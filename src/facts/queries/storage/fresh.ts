import type { Inventory, StoredRepository } from '../../storage/inventory.ts'
import type { LayoutFact } from '../../storage.ts'

/**
 * The halves of the layout that are gone although the other half needs them. A registry makes each with the first push: the repositories
 * when an upload begins, the blobs when it ends. It never removes the folder of a repository, so that none beside blobs is an empty
 * mount or half a restore; and so are manifests of which none has data.
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
  const gone = new Set([
    ...absent,
    ...(isEmpty ? (['repositories'] as const) : []),
    ...(hasNoData(inventory) ? (['blobs'] as const) : []),
  ])
  return [...gone].filter((half) => isNeeded[half])
}

/** Whether manifests are linked, and no blob is there or could not be read. Links of layers stay behind when 2.8 deletes all. */
function hasNoData({ repositories, blobs, strays, unread, isCache }: Inventory): boolean {
  if (blobs.count() > 0 || strays.some(({ kind }) => kind === 'misplaced') || isCache) return false
  const targets = repositories.flatMap(({ revisions, tags }) => [
    ...revisions.map(({ content }) => content),
    ...tags.flatMap(({ current }) => current ?? []),
  ])
  const digests = targets.flatMap((content) => (content.state === 'digest' ? [content.target] : []))
  return digests.length > 0 && !digests.some(unread.data)
}

/** Whether a push got so far that it linked something. */
const hasLinks = ({ revisions, tags, layers }: StoredRepository): boolean =>
  revisions.length + tags.length + layers.equal.length + layers.others.length > 0

/** Whether nothing was pushed to the registry yet. */
export const isFresh = (inventory: Inventory): boolean =>
  !(inventory.hasBlobs && inventory.hasRepositories) &&
  missingHalves(inventory, ['blobs', 'repositories']).length === 0
