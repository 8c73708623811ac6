import type { WritableBlobTable } from '../../../facts/queries/storage/blob-table.ts'
import type { DigestTable } from '../../../facts/queries/storage/digest-table.ts'
import type { StoredRepository, StoredTag, Stray } from '../../../facts/storage/inventory.ts'
import type { ListedObject } from './listing.ts'
import { type Place, placeOf } from './place.ts'

/** The repositories that a listing shows. Links with the length of the digest in their path are taken to hold that digest. */
export interface CollectedRepositories {
  repositories: StoredRepository[]
  underscoreFiles: string[]
  /** The links that must be read, and where their content belongs. */
  toRead: LinkToRead[]
}

/** A link of a revision or a layer with this digest in its path, or of a tag. The key is relative to the layout. */
export type LinkToRead = { key: string; size: number; repository: StoredRepository } & (
  | { kind: 'revision' | 'layer'; path: number | undefined }
  | { kind: 'tag'; tag: StoredTag }
)

/** A repository while the listing is read. */
interface Draft {
  repository: StoredRepository
  layers: number[]
  tags: Map<string, { tag: StoredTag; current?: Pick<ListedObject, 'key' | 'size'> }>
  uploads: Map<string, StoredRepository['uploads'][number]>
}

type PlaceOf<K extends Place['kind']> = Extract<Place, { kind: K }>

/** So many files of no consequence are kept. */
const maxOthers = 100

/**
 * Sorts the objects of a listing, whose keys are relative to the root of the layout, into what the registry sees in them. Unless it
 * `keepsAll`, data without a number in `digests` is counted only.
 */
export function createCollector(digests: DigestTable, blobs: WritableBlobTable, keepsAll = true) {
  const drafts = new Map<string, Draft>()
  const strays: Stray[] = []
  const underscoreFiles: string[] = []
  const toRead: LinkToRead[] = []
  const halves = new Set<string>()

  const draftOf = ({ repository: name }: { repository: string }): Draft => {
    const known = drafts.get(name)
    if (known) return known
    const draft = { repository: emptyRepository(name), layers: [], tags: new Map(), uploads: new Map() }
    drafts.set(name, draft)
    return draft
  }

  const addStray = (path: string, kind: Stray['kind'], digest?: string) => {
    if (kind !== 'other' || strays.length < maxOthers)
      strays.push({ path, kind, ...(digest === undefined ? {} : { digest: digests.add(digest) }) })
  }

  const addLink = (place: PlaceOf<'revision' | 'layer'>, { key, size }: ListedObject) => {
    const { kind, digest } = place
    const { repository, layers } = draftOf(place)
    const path = digest === undefined ? undefined : digests.add(digest)
    if (path === undefined || size !== digest?.length) toRead.push({ kind, key, size, path, repository })
    else if (kind === 'layer') layers.push(path)
    else repository.revisions.push({ path, content: { state: 'digest', target: path } })
    if (kind === 'layer') repository.hasLayers = true
    else Object.assign(repository, { hasManifests: true, hasRevisions: true })
  }

  const adders: { [K in Place['kind']]: (place: PlaceOf<K>, object: ListedObject) => void } = {
    blob: ({ digest }, { size, modifiedAt = 0 }) => {
      const known = keepsAll ? digests.add(digest) : digests.find(digest)
      if (known === undefined) blobs.addUnnamed(digest, size, modifiedAt)
      else blobs.add(known, size, modifiedAt)
    },
    misplaced: ({ digest }, { key }) => addStray(key, 'misplaced', digest),
    'data-path': (_, { key }) => addStray(key, 'data-path'),
    'other-blob': (_, { key }) => addStray(key, 'other'),
    revision: addLink,
    layer: addLink,
    tag: (place, { key, size }) => {
      tagOf(draftOf(place), place.tag).current = { key, size }
    },
    history: (place, { modifiedAt }) => {
      tagOf(draftOf(place), place.tag).tag.history.push({ digest: digests.add(place.digest), at: modifiedAt })
    },
    upload: (place, object) => addUpload(draftOf(place), place, object),
    inside: (place) => noteFolders(draftOf(place), place.inside),
    underscore: (_, { key }) => {
      if (underscoreFiles.length < maxOthers) underscoreFiles.push(key.slice('repositories/'.length))
    },
    foreign: () => {},
  }

  return {
    add: (object: ListedObject): void => {
      halves.add(object.key.split('/', 1)[0] ?? '')
      const place = placeOf(object.key)
      const addIt = adders[place.kind] as (place: Place, object: ListedObject) => void
      addIt(place, object)
    },
    /** Call it once, when all objects of repositories were added. */
    repositories: (): CollectedRepositories => ({
      underscoreFiles,
      repositories: [...drafts.values()].map((draft) => finished(draft, digests, toRead)),
      toRead,
    }),
    strays,
    has: (half: 'blobs' | 'repositories') => halves.has(half),
  }
}

const emptyRepository = (name: string): StoredRepository => ({
  name,
  ...{ hasLayers: false, hasManifests: false, hasRevisions: false, hasTags: false },
  ...{ revisions: [], emptyRevisions: [], tags: [], tagFiles: [], uploads: [] },
  layers: { equal: new Int32Array(0), others: [] },
})

/** A tag with a single entry in its history points to that entry; the links of the others must be read. */
function finished(draft: Draft, digests: DigestTable, toRead: LinkToRead[]): StoredRepository {
  const { repository, layers, tags, uploads } = draft
  for (const { tag, current } of tags.values()) {
    const [only, ...more] = tag.history
    if (!current) continue
    if (only && more.length === 0 && current.size === digests.text(only.digest).length)
      tag.current = { state: 'digest', target: only.digest }
    else toRead.push({ kind: 'tag', ...current, tag, repository })
  }
  repository.layers.equal = Int32Array.from(layers)
  repository.tags = [...tags.values()].map(({ tag }) => tag)
  repository.uploads = [...uploads.values()]
  return repository
}

function tagOf({ repository, tags }: Draft, name: string) {
  Object.assign(repository, { hasManifests: true, hasTags: true })
  const known = tags.get(name)
  if (known) return known
  const tag: StoredTag = { name, current: undefined, history: [] }
  const entry: { tag: StoredTag; current?: Pick<ListedObject, 'key' | 'size'> } = { tag }
  tags.set(name, entry)
  return entry
}

/** When an upload began is when `startedat` was written, so it need not be read. */
function addUpload({ uploads }: Draft, { id, file }: PlaceOf<'upload'>, { size, modifiedAt }: ListedObject) {
  const upload = uploads.get(id) ?? { id, startedAt: undefined, size: 0 }
  uploads.set(id, upload)
  if (file === 'startedat') upload.startedAt = modifiedAt
  if (file === 'data') upload.size = size
}

/** A bucket has no folders: one exists as far as anything is in it, which may be the marker of the folder itself. */
function noteFolders(draft: Draft, [top, second, ...below]: string[]): void {
  const { repository } = draft
  if (top === '_layers') repository.hasLayers = true
  if (top === '_manifests') repository.hasManifests = true
  // What is directly in `_manifests` is no folder.
  if (top !== '_manifests' || below.length === 0) return
  if (second === 'revisions') repository.hasRevisions = true
  if (second !== 'tags') return
  repository.hasTags = true
  const [name = '', ...more] = below
  if (more.length > 0) tagOf(draft, name)
  else if (name !== '' && repository.tagFiles.length < maxOthers) repository.tagFiles.push(name)
}
