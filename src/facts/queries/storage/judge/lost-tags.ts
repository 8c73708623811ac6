import type { StorageFaults } from '../../../storage/fault.ts'
import type { Inventory, StoredRepository } from '../../../storage/inventory.ts'
import { pushMs } from '../settled.ts'
import { topManifests } from './images.ts'

/** So many manifests are named. */
const maxNewest = 5

/**
 * The repositories that have manifests, and no folder of tags. A registry makes the folder with the first tag, and leaves it when the
 * last one is deleted; a bucket has no folders. `now` in milliseconds.
 */
export function lostTags(inventory: Inventory, now: number): StorageFaults['lostTags']['items'] {
  const { digests, blobs } = inventory
  return settledIn(inventory).flatMap((repository) => {
    const { name, hasTags } = repository
    if (hasTags || hasNoManifests(repository)) return []
    const images = topManifests(repository, inventory).flatMap(({ digest }) => {
      const at = blobs.modifiedAt(digest)
      return at === undefined ? [] : [{ digest, at }]
    })
    const newest = images.toSorted((a, b) => b.at - a.at)
    const [last] = newest
    if (!last || now - last.at < pushMs) return []
    return [
      {
        ...{ repository: name, images: images.length },
        newest: newest.slice(0, maxNewest).map(({ digest, at }) => ({ digest: digests.text(digest), at })),
      },
    ]
  })
}

/**
 * The repositories that have layers, and neither manifests nor a folder of them: a registry makes the folder with the first manifest,
 * and never removes it. Such a repository lost it, or its first push did not end. `now` in milliseconds.
 */
export function lostManifests(inventory: Inventory, now: number): StorageFaults['lostManifests']['items'] {
  const { blobs } = inventory
  return settledIn(inventory).flatMap((repository) => {
    if (!hasNoManifests(repository)) return []
    const times = linkedLayers(repository).flatMap((digest) => blobs.modifiedAt(digest) ?? [])
    const newestAt = times.reduce((latest, at) => Math.max(latest, at), Number.NEGATIVE_INFINITY)
    if (times.length === 0 || now - newestAt < pushMs) return []
    return [{ repository: repository.name, blobs: times.length, newestAt }]
  })
}

/** The repositories of which all was read, and to which nothing is being pushed. A bucket has no folders; a cache fetches again. */
function settledIn({ driver, isCache, repositories, unread }: Inventory): StoredRepository[] {
  if (driver !== 'filesystem' || isCache) return []
  return repositories.filter(
    // Without a name of a tag, whether the folder of all tags could be read.
    ({ name, uploads }) => uploads.length === 0 && !unread.links(name, 'revision') && !unread.tag(name, ''),
  )
}

/** Whether a collection finds nothing to keep in a repository: not even the folder that is left when all manifests are deleted. */
export const hasNoManifests = ({ hasRevisions, tags }: StoredRepository): boolean =>
  !hasRevisions && tags.length === 0

/** The layers and configurations that a repository links. */
export const linkedLayers = ({ layers }: StoredRepository): number[] => [
  ...layers.equal,
  ...layers.others.flatMap(({ content }) => (content.state === 'digest' ? [content.target] : [])),
]
