import type { Inventory } from '../../../storage/inventory.ts'
import { misplacedBlobs } from './collect.ts'
import { type Collection, isDeleted } from './collection.ts'

/** What a collection deletes, in the words of its output: by repository, which version 2 does not name for manifests. */
export interface Deletions {
  blobs: Set<number>
  manifests: Map<string, Set<number>>
  layers: Map<string, Set<number>>
}

export const noDeletions = (): Deletions => ({ blobs: new Set(), manifests: new Map(), layers: new Map() })

/** Adds a digest to those of a repository. */
export function addTo(sets: Map<string, Set<number>>, repository: string, digest: number): void {
  const set = sets.get(repository)
  if (set) set.add(digest)
  else sets.set(repository, new Set([digest]))
}

/** What the forecast says that a collection deletes. */
export function deletionsOf(collection: Collection): Deletions {
  const deletions = noDeletions()
  const isNamed = collection.options.version !== '2.8'
  for (const digest of collection.inventory.blobs.all())
    if (isDeleted(collection, digest)) deletions.blobs.add(digest)
  for (const digest of misplacedBlobs(collection)) deletions.blobs.add(digest)
  for (const { repository, digest } of collection.removedRevisions)
    addTo(deletions.manifests, isNamed ? repository.name : '', digest)
  for (const { repository, digests } of collection.removedLayers)
    for (const digest of digests) addTo(deletions.layers, repository.name, digest)
  return deletions
}

/** Goes through what `some` deletes and `others` do not. Returns how many both delete. */
export function compareDeletions(
  some: Deletions,
  others: Deletions,
  { digests }: Inventory,
  onlySome: (what: string) => void,
): number {
  let same = 0
  const note = (isShared: boolean | undefined, what: () => string) => {
    if (isShared === true) same += 1
    else onlySome(what())
  }
  for (const digest of some.blobs) note(others.blobs.has(digest), () => `blob ${digests.text(digest)}`)
  for (const kind of ['manifests', 'layers'] as const)
    for (const [repository, set] of some[kind]) {
      const name = kind === 'manifests' ? 'manifest' : 'layer link'
      const place = repository === '' ? '' : `${repository}@`
      for (const digest of set)
        note(others[kind].get(repository)?.has(digest), () => `${name} ${place}${digests.text(digest)}`)
    }
  return same
}
