import { isForeignLayerType } from '../../../oci/media-types.ts'
import type { Inventory, StoredReference, StoredRepository } from '../../storage/inventory.ts'
import { createKeptAs, isOtherName, type KeptAs } from './kept-as.ts'

/**
 * What looks wrong in a storage, by repository, and is read again before it counts: on a live registry it may have been read half-way.
 * A number is a digest whose link or data is absent or does not look as it should; a text stands for anything else.
 */
export type Suspects = Map<string, Set<number | string>>

/**
 * Finds what looks wrong: folders of a repository that are absent; empty, malformed or unreadable links; tags, children, configurations and layers without link or data; data
 * of another size than a manifest says. A layer link without data that no manifest needs is usual after a garbage collection.
 */
export function suspectsOf(inventory: Inventory): Suspects {
  const suspects: Suspects = new Map()
  const size = inventory.digests.size()
  const keptAs = createKeptAs(inventory)
  const marks = { linked: new Int32Array(size), layers: new Int32Array(size) }
  for (const [at, repository] of inventory.repositories.entries()) {
    markLinks(repository, inventory, marks, at + 1)
    inspect(repository, inventory, suspects, {
      keptAs,
      isLinked: (digest) => marks.linked[digest] === at + 1,
      isLayer: (digest) => marks.layers[digest] === at + 1,
    })
  }
  return suspects
}

/** Which digests a repository links, as manifests and as layers. */
interface Links {
  isLinked: (digest: number) => boolean
  isLayer: (digest: number) => boolean
  keptAs: KeptAs
}

/** Sets the mark of a repository at each digest that it links: one number a digest, however many repositories there are. */
function markLinks(
  { revisions, layers }: StoredRepository,
  { digests }: Inventory,
  marks: { linked: Int32Array; layers: Int32Array },
  mark: number,
): void {
  for (const { content } of revisions) if (content.state === 'digest') marks.linked[content.target] = mark
  for (const { path, content } of layers.others) {
    if (content.state !== 'digest') continue
    marks.layers[content.target] = mark
    if (path !== undefined && isOtherName(path, content.target, digests)) marks.layers[path] = mark
  }
  for (const digest of layers.equal) marks.layers[digest] = mark
}

function inspect(
  repository: StoredRepository,
  { blobs, manifests, isCache, unread }: Inventory,
  suspects: Suspects,
  { isLinked, isLayer, keptAs }: Links,
): void {
  const suspect = (sign: number | string) => {
    const known = suspects.get(repository.name)
    if (known) known.add(sign)
    else suspects.set(repository.name, new Set([sign]))
  }

  const isWhole = ({ digest, role, size, mediaType }: StoredReference): boolean => {
    if (isForeignLayerType(mediaType)) return true
    const stored = blobs.size(keptAs(digest))
    if (stored === undefined) return isCache || unread.data(keptAs(digest))
    if (size > 0 && stored !== size) return false
    return isCache || isLinked(digest) || (role !== 'child' && isLayer(digest))
  }

  const { hasLayers, hasManifests, hasTags, layers, revisions } = repository
  const isUsed = revisions.length + layers.equal.length > 0
  if (isUsed && !isCache && !(hasLayers && hasManifests && hasTags)) suspect('folders')
  for (const { path, content } of layers.others) if (content.state !== 'digest') suspect(`layer ${path}`)
  for (const { name, current } of repository.tags) {
    if (current?.state !== 'digest') suspect(`tag ${name}`)
    if (current?.state === 'digest' && !isLinked(current.target)) suspect(current.target)
  }
  for (const { path, content } of revisions) {
    if (content.state !== 'digest') {
      suspect(`revision ${path}`)
      continue
    }
    const manifest = manifests.get(content.target)
    if (blobs.size(content.target) === undefined) {
      if (!isCache && !unread.data(content.target)) suspect(content.target)
    } else if (manifest?.state !== 'parsed') suspect(content.target)
    else
      for (const reference of manifest.document.references)
        if (!isWhole(reference)) suspect(keptAs(reference.digest))
  }
}
