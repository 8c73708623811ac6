import type { Inventory, StoredRepository } from '../../../storage/inventory.ts'
import { isOtherName } from '../kept-as.ts'
import type {
  AbortKind,
  Collection,
  CollectionAbort,
  CollectionOptions,
  RepositoryDigest,
} from './collection.ts'
import { markRepository } from './mark.ts'
import { layerLinkPath, revisionLinkPath } from './paths.ts'
import { visitOrder } from './visited.ts'

/**
 * What `registry garbage-collect` does with a storage, by the code of distribution 2.8.2 and 3.1.2
 * (registry/storage/garbagecollect.go and vacuum.go). The time grows with the number of files, and with nothing else.
 */
export function collect(inventory: Inventory, options: CollectionOptions): Collection {
  const collection: Collection = {
    options,
    inventory,
    ...visitOrder(inventory, options),
    aborts: [],
    markedBy: new Int32Array(inventory.digests.size()).fill(-1),
    removedRevisions: [],
    removedLayers: [],
    untouched: new Map(),
  }
  // Version 3 on S3 takes an absent folder for an empty one.
  const minds = inventory.driver === 'filesystem' || options.version === '2.8'
  const stop = (at: CollectionAbort['at'], kind: AbortKind, path: string, why: string) =>
    collection.aborts.push({ at, kind, path, why })
  if (minds && !inventory.hasRepositories)
    stop('mark', 'no-repositories', 'repositories', 'the folder does not exist')
  for (let place = 0; place < collection.visited.length; place += 1) markRepository(collection, place)
  if (options.version === '3')
    collection.removedRevisions = collection.removedRevisions.filter(
      ({ digest }) => (collection.markedBy[digest] ?? -1) < 0,
    )

  const text = inventory.digests.text
  const revisions = firstOfEach(collection.removedRevisions)
  collection.removedRevisions = revisions.unique
  for (const { repository, digest } of revisions.repeated)
    stop('revisions', 'duplicate-link', revisionLinkPath(repository.name, text(digest)), twice)
  const hasFolder = revisionFolders()
  for (const { repository, digest } of revisions.unique)
    if (!hasFolder(repository, digest))
      stop('revisions', 'no-revision', revisionLinkPath(repository.name, text(digest)), elsewhere)
  if (minds && !inventory.hasBlobs) stop('list', 'no-blobs', 'blobs', 'the folder does not exist')
  for (const { kind, path } of inventory.strays)
    if (kind === 'data-path') stop('list', 'stray-data', path, 'its path names no digest')
  for (const { path } of unwantedStrays(collection))
    stop('blobs', 'misplaced-data', path, 'the registry looks for it elsewhere, and cannot delete it')
  for (const entry of collection.removedLayers) {
    const layers = firstOfEach(entry.digests.map((digest) => ({ repository: entry.repository, digest })))
    entry.digests = layers.unique.map(({ digest }) => digest)
    for (const { repository, digest } of layers.repeated)
      stop(
        'layers',
        hasOtherName(repository, digest, inventory) ? 'other-name' : 'duplicate-link',
        layerLinkPath(repository.name, text(digest)),
        twice,
      )
  }
  return collection
}

const twice = 'another link file names the same digest, so that the registry deletes it twice'

const elsewhere =
  'the manifest is linked by another name and below _layers alone, so that the registry finds nothing to delete here'

/** Says whether a repository has the folder that is deleted with a revision. Version 2 finds manifests below `_layers`, too. */
function revisionFolders(): (repository: StoredRepository, digest: number) => boolean {
  const known = new Map<StoredRepository, Set<number | undefined>>()
  return (repository, digest) => {
    const { revisions, emptyRevisions } = repository
    const folders =
      known.get(repository) ?? new Set([...revisions.map(({ path }) => path), ...emptyRevisions])
    known.set(repository, folders)
    return folders.has(digest)
  }
}

/** Whether a blob is linked under a second name, of another algorithm, as a push by SHA-512 leaves it. */
const hasOtherName = ({ layers }: StoredRepository, digest: number, { digests }: Inventory): boolean =>
  layers.others.some(
    ({ path, content }) =>
      content.state === 'digest' &&
      content.target === digest &&
      path !== undefined &&
      isOtherName(path, digest, digests),
  )

const unwantedStrays = ({ markedBy, inventory }: Collection) =>
  inventory.strays.filter(
    ({ kind, digest = -1 }) =>
      kind === 'misplaced' && (markedBy[digest] ?? -1) < 0 && inventory.blobs.size(digest) === undefined,
  )

/** The digests of misplaced data that the collection tries to delete, and cannot. */
export const misplacedBlobs = (collection: Collection): number[] =>
  unwantedStrays(collection).flatMap(({ digest }) => (digest === undefined ? [] : [digest]))

function firstOfEach(entries: RepositoryDigest[]): {
  unique: RepositoryDigest[]
  repeated: RepositoryDigest[]
} {
  const seen = new Map<RepositoryDigest['repository'], Set<number>>()
  const unique: RepositoryDigest[] = []
  const repeated: RepositoryDigest[] = []
  for (const entry of entries) {
    const digests = seen.get(entry.repository) ?? new Set()
    seen.set(entry.repository, digests)
    ;(digests.has(entry.digest) ? repeated : unique).push(entry)
    digests.add(entry.digest)
  }
  return { unique, repeated }
}
