import type { Inventory, StoredRepository } from '../../../storage/inventory.ts'

/** What `registry garbage-collect` is run with. */
export interface CollectionOptions {
  version: GcVersion
  /** `--delete-untagged`, `-m`. */
  deleteUntagged: boolean
}

/** The generations of the registry whose collections differ: 2.8.x and 3.x. */
export const gcVersions = ['2.8', '3'] as const
export type GcVersion = (typeof gcVersions)[number]

/** What a collection does with a storage. Everything is in numbers; nothing is cut. */
export interface Collection {
  options: CollectionOptions
  inventory: Inventory
  /** The repositories that the collection sees, in the order in which it visits them. */
  visited: StoredRepository[]
  /** The others; all that only they refer to is deleted. */
  unseen: Unseen[]
  /** Where it stops. A collection stops at the first; the rest of this value is as if all of them had been repaired. */
  aborts: CollectionAbort[]
  /** By digest: the place in `visited` of the repository by which it was marked, or -1. What is not marked is deleted. */
  markedBy: Int32Array
  /** The revisions that are removed, with the history of the tags that names them, in this order. */
  removedRevisions: RepositoryDigest[]
  /** Links below `_layers` that are removed, in this order. */
  removedLayers: { repository: StoredRepository; digests: number[] }[]
  /** Revisions of a repository without `_manifests/tags`, which version 3 neither marks nor removes. */
  untouched: Map<StoredRepository, number>
}

/** A digest in a repository. */
export interface RepositoryDigest {
  repository: StoredRepository
  digest: number
}

/** A repository that a collection does not see, and why. */
export interface Unseen {
  repository: StoredRepository
  why: UnseenReason
}

/** `no _manifests`: none, or one without manifests, which neither version keeps anything of. `name`: a folder of its name begins with `_`. `file`: a file whose name does so is read before it (2.8 only). */
export const unseenReasons = ['no _layers', 'no _manifests', 'name', 'file'] as const
export type UnseenReason = (typeof unseenReasons)[number]

/**
 * Why an image loses something. `untagged-child`: version 2 with `--delete-untagged` removes what an index names, because it has no tag
 * of its own. `shared`: version 3 came to the manifest in another repository, where it has no link, and does not look
 * again. `other-name`: it names blobs by SHA-512, which is what the collection marks, and their data is kept under SHA-256. `link`: the manifest, or an index above it, has no link in its repository. `unseen`: the collection does not see
 * the repository.
 */
export const lossReasons = ['untagged-child', 'shared', 'other-name', 'link', 'unseen', 'other'] as const
export type LossReason = (typeof lossReasons)[number]

/**
 * A place where a collection stops, and the step that it stops in. It marks first, which changes nothing; then it removes revisions,
 * lists the blobs, removes the unmarked ones in a random order, and last the links below `_layers`.
 */
export interface CollectionAbort {
  at: 'mark' | 'revisions' | 'list' | 'blobs' | 'layers'
  kind: AbortKind
  /** The file or folder, relative to the root of the layout. */
  path: string
  /** What is wrong with it. */
  why: string
}

export const abortKinds = [
  'link',
  'manifest',
  'schema1',
  'media-type',
  'repository-name',
  'no-layers',
  'no-tags',
  'tag-link',
  'tag-file',
  'tag-name',
  'stray-data',
  'misplaced-data',
  'duplicate-link',
  'no-revision',
  /** One of the two links is a name by another algorithm. */
  'other-name',
  'no-repositories',
  'no-blobs',
] as const
export type AbortKind = (typeof abortKinds)[number]

/** Whether the digest has data now and has none after the collection. */
export const isDeleted = (collection: Collection, digest: number): boolean =>
  (collection.markedBy[digest] ?? -1) < 0 && collection.inventory.blobs.size(digest) !== undefined
