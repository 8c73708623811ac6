import { isForeignLayerType } from '../../../../oci/media-types.ts'
import type { StoredDocument, StoredReference, StoredRepository } from '../../../storage/inventory.ts'
import { isOtherName } from '../kept-as.ts'
import { type Collection, isDeleted, type LossReason, type RepositoryDigest } from './collection.ts'
import { linksOf, type RepositoryLinks } from './links.ts'

/** What a collection takes from one platform of an image. */
export interface LeafLoss {
  manifest: number
  platform: string
  /** It can be pulled now. */
  isHealthy: boolean
  /** All its data exists now. */
  isWhole: boolean
  /** The collection removes a link on the way to it, which no other repository keeps. */
  losesLink: boolean
  losesManifest: boolean
  losesConfig: boolean
  layers: number
  bytes: number
  reason: LossReason
  /** `shared`: the repository in which the manifest was marked. */
  other: StoredRepository | undefined
}

/** The platforms of an image that lose something, and how many it has. */
interface TreeLoss {
  leaves: LeafLoss[]
  of: number
}

/** Compares before and after in one repository. */
export interface RepositoryState {
  /** The losses of an image or index, by its digest. */
  lossesOf: (digest: number) => TreeLoss
  links: RepositoryLinks
}

/** Deeper than anything that exists. Digests rule out a cycle, but links that name other digests do not. */
const maxDepth = 100

/** What is true of all that is above a manifest. */
interface Above {
  isHealthy: boolean
  isLost: boolean
  losesLink: boolean
  hasLink: boolean
  depth: number
}

/** The way from the top of a tree to an image in it, which is included in what it says. */
interface Way extends Above {
  platform: string
  document: StoredDocument | undefined
}

/** The images of a tree, and the manifests that were visited, by number and kind of way. */
interface Tree {
  images: Map<number, Way>
  visited: Set<number>
}

/** What a collection does with the links of a repository. */
export interface RepositoryFate {
  revisions: ReadonlySet<number>
  layers: ReadonlySet<number>
  /** Its place in the order of visits; undefined if it is not visited. */
  place: number | undefined
}

export function stateOf(
  collection: Collection,
  repository: StoredRepository,
  { revisions, layers, place }: RepositoryFate,
): RepositoryState {
  const { inventory, options, markedBy } = collection
  const links = linksOf(repository, inventory, options.version)
  const size = (digest: number) => inventory.blobs.size(digest)

  const documentOf = (digest: number): StoredDocument | undefined => {
    const manifest = inventory.manifests.get(links.manifest(digest) ?? digest)
    return manifest?.state === 'parsed' ? manifest.document : undefined
  }
  // Version 2 still finds a manifest that is linked below `_layers` as well.
  const losesLink = (digest: number) =>
    revisions.has(digest) && (options.version !== '2.8' || links.layer(digest) === undefined)

  /** Finds the images of a tree. One that several indexes name is as well as the best way to it. */
  const visit = (digest: number, platform: string, above: Above, tree: Tree): void => {
    // A link may name another digest than its path does, whose data it is then.
    const target = links.manifest(digest)
    const document = documentOf(digest)
    const way = {
      isHealthy: above.isHealthy && target !== undefined && document !== undefined,
      losesLink: above.losesLink || losesLink(digest),
      isLost: above.isLost || losesLink(digest) || isDeleted(collection, target ?? digest),
      hasLink: above.hasLink && target !== undefined,
      depth: above.depth + 1,
    }
    const kind = Number(way.isHealthy) + 2 * Number(way.isLost) + 4 * Number(way.hasLink)
    if (tree.visited.has(digest * 8 + kind) || way.depth > maxDepth) return
    tree.visited.add(digest * 8 + kind)
    if (document?.kind === 'index') {
      for (const child of document.references) visit(child.digest, child.platform || platform, way, tree)
      return
    }
    const known = tree.images.get(digest)
    if (known === undefined) tree.images.set(digest, { ...way, platform, document })
    else if (way.isHealthy && (!known.isHealthy || known.isLost)) Object.assign(known, way)
  }

  const lossOf = (digest: number, here: Way) => {
    const { document } = here
    if (hasUnread(digest, document)) return undefined
    const needed = (document?.references ?? []).filter(({ mediaType }) => !isForeignLayerType(mediaType))
    const dataOf = (reference: StoredReference) => links.layer(reference.digest) ?? reference.digest
    const present = needed.filter((reference) => size(dataOf(reference)) !== undefined)
    const isLinked = (reference: StoredReference) => links.layer(reference.digest) !== undefined
    const isHealthy = here.isHealthy && needed.every(isLinked)
    // An image that is broken anyway loses data; that a layer loses its link can still be repaired.
    const lost = present.filter(
      (reference) => isDeleted(collection, dataOf(reference)) || (isHealthy && layers.has(reference.digest)),
    )
    const losesManifest = isHealthy ? here.isLost : isDeleted(collection, links.manifest(digest) ?? digest)
    if (lost.length === 0 && !losesManifest) return undefined
    const isWhole = document !== undefined && present.length === needed.length
    const distinct = new Map(lost.map((reference) => [reference.digest, reference]))
    const lostBytes = Array.from(distinct.keys()).reduce((sum, id) => sum + (size(id) ?? 0), 0)
    return {
      manifest: digest,
      isHealthy,
      isWhole,
      losesLink: here.losesLink,
      losesManifest,
      losesConfig: Array.from(distinct.values()).some(({ role }) => role === 'config'),
      layers: Array.from(distinct.values()).filter(({ role }) => role !== 'config').length,
      bytes: lostBytes,
    }
  }

  /** Whether data of an image could not be read, so that it is not known what can be pulled now. */
  const hasUnread = (digest: number, document: StoredDocument | undefined): boolean =>
    inventory.unread.data(links.manifest(digest) ?? digest) ||
    (document?.references.some((reference) => inventory.unread.data(reference.digest)) ?? false)

  /** Whether the collection marks the name of a blob and deletes the data that the link of that name leads to. */
  const losesOtherName = ({ digest }: StoredReference): boolean => {
    const target = links.layer(digest)
    const isMarked = (markedBy[digest] ?? -1) >= 0
    if (!isMarked || target === undefined || !isDeleted(collection, target)) return false
    return isOtherName(digest, target, inventory.digests)
  }

  const reasonFor = (digest: number, here: Way): Pick<LeafLoss, 'reason' | 'other'> => {
    if (place === undefined) return { reason: 'unseen', other: undefined }
    if (!here.hasLink) return { reason: 'link', other: undefined }
    if (here.document?.references.some(losesOtherName)) return { reason: 'other-name', other: undefined }
    const by = markedBy[digest] ?? -1
    if (options.version === '3' && by >= 0 && by !== place)
      return { reason: 'shared', other: collection.visited[by] }
    const isChild = options.version === '2.8' && options.deleteUntagged && here.depth > 1
    return { reason: isChild ? 'untagged-child' : 'other', other: undefined }
  }

  const known = new Map<number, TreeLoss>()
  return {
    links,
    lossesOf: (digest) => {
      const before = known.get(digest)
      if (before) return before
      const tree: Tree = { images: new Map(), visited: new Set() }
      visit(digest, '', { isHealthy: true, isLost: false, losesLink: false, hasLink: true, depth: 0 }, tree)
      const leaves = Array.from(tree.images).flatMap(([image, way]): LeafLoss[] => {
        const leaf = lossOf(image, way)
        return leaf ? [{ ...leaf, platform: way.platform, ...reasonFor(image, way) }] : []
      })
      const loss: TreeLoss = { leaves, of: tree.images.size }
      known.set(digest, loss)
      return loss
    },
  }
}

/** The digests of a list by repository. */
export function byRepository(entries: readonly RepositoryDigest[]): Map<StoredRepository, Set<number>> {
  const sets = new Map<StoredRepository, Set<number>>()
  for (const { repository, digest } of entries) {
    const set = sets.get(repository)
    if (set) set.add(digest)
    else sets.set(repository, new Set([digest]))
  }
  return sets
}
