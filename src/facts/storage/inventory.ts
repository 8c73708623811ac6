import type { DigestTable } from '../queries/storage/digest-table.ts'

/**
 * What the storage of a registry holds, as a scan read it, in the layout of distribution (registry/storage/paths.go). It is the
 * input of the forecast and of all findings. It stays in memory and is not part of a report: reports hold what is derived
 * from it. Digests are numbers of `digests`.
 */
export interface Inventory {
  /** Where it was read from. The two drivers list their keys in different orders, and the collection depends on it. */
  driver: 'filesystem' | 's3'
  digests: DigestTable
  blobs: BlobTable
  /** The manifests that some repository links or tags, or that an index among them names, and whose data exists. */
  manifests: Map<number, StoredManifest>
  /** In any order, with those below a folder whose name begins with `_`, which the registry does not see. */
  repositories: StoredRepository[]
  /** The folders `blobs` and `repositories` exist. Where one is absent, a garbage collection stops. */
  hasBlobs: boolean
  hasRepositories: boolean
  /**
   * Files among the repositories whose name begins with `_`, outside of the folders with such names. Version 2 stops reading
   * the folder there, and does not see the repositories behind it. Relative to `repositories`.
   */
  underscoreFiles: string[]
  /** Paths below `blobs/` that the layout does not have; each stops a garbage collection. Relative to the root of the layout. */
  strays: Stray[]
  /** The storage belongs to a pull-through cache, where an absent child is normal. */
  isCache: boolean
  unread: UnreadParts
}

/** What may exist, and was not read: it is behind a symbolic link, which is not followed, or may not be read. It is not missing. */
export interface UnreadParts {
  /** The data of a digest. */
  data: (digest: number) => boolean
  /** Links of a repository. */
  links: (repository: string, kind: 'revision' | 'layer') => boolean
  /** What a tag points to. */
  tag: (repository: string, name: string) => boolean
  /** Anything of a repository: links, tags, or folders of them. */
  repository: (name: string) => boolean
  /** Anything of the repositories. */
  repositories: () => boolean
  /** Anything at all. */
  any: () => boolean
}

/**
 * The data files below `blobs/`, by digest. Of a storage that is only scanned, those that nothing names are counted and not kept: there
 * may be millions, and every collection deletes them.
 */
export interface BlobTable {
  /** The size of the data in bytes; undefined if there is none. */
  size: (digest: number) => number | undefined
  /** When the data was written, in milliseconds; undefined if there is none. */
  modifiedAt: (digest: number) => number | undefined
  /** The digests with data, in the order in which they were added. */
  all: () => Iterable<number>
  /** How many there are, with those that are only counted. */
  count: () => number
  /** Those that are only counted. */
  unnamed: () => UnnamedData
}

/** Data files that no link, tag or manifest names. */
export interface UnnamedData {
  count: number
  bytes: number
  /** Those that no push can still be about to name, and the first of them. */
  settled: { count: number; bytes: number; first: string[] }
}

/** Something at a place where the layout has nothing of the kind. */
export interface Stray {
  /** Relative to the root of the layout (`docker/registry/v2`). */
  path: string
  /**
   * `data-path`: a file `data` whose path is no digest. `misplaced`: a file `data` whose last folders name the digest, but in
   * a place where the registry does not look for it. `other`: any other file or folder, which the registry ignores.
   */
  kind: 'data-path' | 'misplaced' | 'other'
  /** Of a misplaced file. */
  digest?: number
}

/** One repository: a folder with `_layers`, `_manifests` or `_uploads` in it. */
export interface StoredRepository {
  name: string
  /** The registry's binaries find repositories by these folders, version 2 by the first, version 3 by the second. */
  hasLayers: boolean
  hasManifests: boolean
  hasRevisions: boolean
  /** The folder `_manifests/tags` exists, even if it is empty. */
  hasTags: boolean
  /** The files `link` below `_manifests/revisions`. */
  revisions: StoredLink[]
  /** The digests of folders below `_manifests/revisions` that have no link in them. */
  emptyRevisions: number[]
  tags: StoredTag[]
  /** Files directly in `_manifests/tags`, where the layout has folders only. */
  tagFiles: string[]
  /** The files `link` below `_layers`. */
  layers: LinkColumns
  uploads: StoredUpload[]
}

/** A link file, which consists of the digest that it names. The path of the file names one, too; they can differ. */
export interface StoredLink {
  /** The digest in the path; undefined if the path names none. */
  path: number | undefined
  content: LinkContent
}

/** What a link file says. `target` is a digest; `text` is what stands there instead of one, cut after 100 characters. */
export type LinkContent =
  | { state: 'digest'; target: number }
  | { state: 'empty' }
  | { state: 'malformed'; text: string }
  | { state: 'unreadable'; why: string }

/** A folder below `_manifests/tags`. */
export interface StoredTag {
  name: string
  /** `current/link`; undefined if there is no such file, so that it is no tag. */
  current: LinkContent | undefined
  /** The digests below `index/`: everything the tag ever pointed to, with the time of each link in milliseconds. */
  history: { digest: number; at: number | undefined }[]
  /** It came to point to something else while the storage was read. */
  hasMoved?: true
}

/** Link files whose content equals their path, as nearly all do, are a list of digests; the others are kept one by one. */
export interface LinkColumns {
  equal: Int32Array
  others: StoredLink[]
}

/** An upload that was not completed. */
export interface StoredUpload {
  id: string
  /** From `startedat`, in milliseconds; undefined if that is absent or unreadable. */
  startedAt: number | undefined
  /** Bytes of its `data`. */
  size: number
}

/** A manifest as it is stored. */
export type StoredManifest =
  | { state: 'parsed'; document: StoredDocument }
  /** The registry cannot parse it, or not its media type. `declared` is the media type that it names, if that can be read. */
  | { state: 'invalid'; why: string; declared: string | undefined; schemaVersion: number | undefined }
  /** It could not be read. */
  | { state: 'unreadable'; why: string }

/** What a manifest names. */
export interface StoredDocument {
  kind: 'index' | 'image' | 'artifact' | 'schema1'
  /** As the document itself says; empty if it does not. */
  mediaType: string
  artifactType: string
  /** All that it names but the subject: children, or configuration and layers, or blobs, in the order of the document. */
  references: StoredReference[]
  /** What a referrer is about. */
  subject: number | undefined
}

/** One descriptor in a manifest. */
export interface StoredReference {
  digest: number
  /** As the descriptor says, in bytes. */
  size: number
  mediaType: string
  role: 'child' | 'config' | 'layer' | 'blob'
  /** `os/architecture[/variant]` of a child; empty if it names none. */
  platform: string
}
