import type { Inventory, LinkContent, StoredLink, StoredRepository } from '../../../storage/inventory.ts'
import type { AbortKind, Collection, CollectionAbort } from './collection.ts'
import { linksOf, type RepositoryLinks } from './links.ts'
import { blobPath, layerLinkPath, repositoryPath, revisionLinkPath, tagPath } from './paths.ts'
import { isRepositoryName } from './repository-name.ts'
import { compareText } from './visited.ts'

/** A path that the registry's drivers accept (`driver.PathRegexp`). */
const driverPath = /^[A-Za-z0-9._-]+$/

/** Visits a repository as `MarkAndSweep` does: marks, queues revisions and layer links for removal, and adds what stops it. */
export function markRepository(collection: Collection, place: number): void {
  const repository = collection.visited[place]
  if (!repository) return
  const { inventory, options, aborts } = collection
  if (!isRepositoryName(options.version, repository.name))
    aborts.push(abort('repository-name', repositoryPath(repository.name), 'it is no valid repository name'))
  const links = linksOf(repository, inventory, options.version)
  const found = revisionsOf(repository, inventory, links)
  // In the order of the paths, in which the folder is read.
  aborts.push(...found.aborts.toSorted((a, b) => compareText(a.path, b.path)))
  if (options.deleteUntagged && found.digests.length > 0) aborts.push(...tagAborts(repository, inventory))

  const tagged = new Set<number>()
  for (const { current } of repository.tags) if (current?.state === 'digest') tagged.add(current.target)
  const manifestAborts: CollectionAbort[] = []
  for (const digest of found.digests) {
    if (options.deleteUntagged && !tagged.has(digest)) leaveUnmarked(collection, repository, digest)
    else markManifest(collection, place, links, digest, manifestAborts)
  }
  aborts.push(...manifestAborts)
  if (options.version === '3') queueLayers(collection, repository, links)
}

const abort = (kind: AbortKind, path: string, why: string): CollectionAbort => ({
  at: 'mark',
  kind,
  path,
  why,
})

/** The digests in the repository's revision links that have a link and data, as often as they are named; and the broken links. */
function revisionsOf(repository: StoredRepository, inventory: Inventory, links: RepositoryLinks) {
  const digests: number[] = []
  const aborts: CollectionAbort[] = []
  for (const link of repository.revisions) {
    const { content } = link
    if (content.state === 'digest') {
      if (links.manifest(content.target) !== undefined) digests.push(content.target)
    } else if (content.state !== 'unreadable') {
      const path = linkPath(link, inventory, (digest) => revisionLinkPath(repository.name, digest))
      aborts.push(
        abort('link', path ?? `${repositoryPath(repository.name)}/_manifests/revisions`, linkFault(content)),
      )
    }
  }
  return { digests, aborts }
}

const linkPath = (
  link: StoredLink,
  inventory: Inventory,
  pathOf: (digest: string) => string,
): string | undefined => (link.path === undefined ? undefined : pathOf(inventory.digests.text(link.path)))

const linkFault = (content: LinkContent): string =>
  content.state === 'malformed'
    ? `it holds ${JSON.stringify(content.text.slice(0, 40))} instead of a digest`
    : 'it is empty'

/** What stops `--delete-untagged`, which reads the link of each tag for each revision. */
function tagAborts(repository: StoredRepository, inventory: Inventory): CollectionAbort[] {
  const aborts: CollectionAbort[] = []
  for (const { name, current } of repository.tags) {
    const path = tagPath(repository.name, name)
    if (!driverPath.test(name))
      aborts.push(abort('tag-name', path, 'its name has characters that the registry refuses'))
    else if (current?.state === 'empty' || current?.state === 'malformed')
      aborts.push(abort('tag-link', `${path}/current/link`, linkFault(current)))
  }
  if (inventory.driver === 'filesystem')
    for (const name of repository.tagFiles)
      aborts.push(abort('tag-file', tagPath(repository.name, name), 'it is a file among the tags'))
  return aborts.toSorted((a, b) => compareText(a.path, b.path))
}

/** An untagged revision. Without a folder of tags, version 2 stops, and version 3 neither marks nor removes it. */
function leaveUnmarked(collection: Collection, repository: StoredRepository, digest: number): void {
  if (repository.hasTags || repository.tagFiles.length > 0) {
    collection.removedRevisions.push({ repository, digest })
    return
  }
  const path = `${repositoryPath(repository.name)}/_manifests/tags`
  if (collection.options.version === '2.8' && !collection.untouched.has(repository))
    collection.aborts.push(abort('no-tags', path, 'the folder does not exist'))
  collection.untouched.set(repository, (collection.untouched.get(repository) ?? 0) + 1)
}

/**
 * Marks a manifest and what it names. Version 3 goes on into what it names if this repository has it as a manifest, but only where it
 * had no mark from any repository yet.
 */
function markManifest(
  collection: Collection,
  place: number,
  links: RepositoryLinks,
  first: number,
  aborts: CollectionAbort[],
): void {
  const { inventory, options, markedBy } = collection
  if ((markedBy[first] ?? -1) < 0) markedBy[first] = place
  const pending = [first]
  for (let digest = pending.pop(); digest !== undefined; digest = pending.pop()) {
    const target = links.manifest(digest)
    const manifest = target === undefined ? undefined : inventory.manifests.get(target)
    if (target === undefined || !manifest || manifest.state === 'unreadable') continue
    const fault = faultOf(manifest, options.version)
    if (fault) {
      aborts.push(abort(fault.kind, blobPath(inventory.digests.text(target)), fault.why))
      continue
    }
    if (manifest.state !== 'parsed') continue
    for (const reference of manifest.document.references) {
      if ((markedBy[reference.digest] ?? -1) >= 0) continue
      markedBy[reference.digest] = place
      if (options.version === '3') pending.push(reference.digest)
    }
  }
}

type Manifest = Exclude<ReturnType<Inventory['manifests']['get']>, undefined>

function faultOf(
  manifest: Manifest,
  version: Collection['options']['version'],
): { kind: AbortKind; why: string } | undefined {
  if (manifest.state === 'invalid') return { kind: 'manifest', why: manifest.why }
  if (manifest.state !== 'parsed') return undefined
  const { kind, mediaType } = manifest.document
  if (kind === 'artifact') return { kind: 'media-type', why: `its media type is ${mediaType}` }
  return kind === 'schema1' && version === '3'
    ? { kind: 'schema1', why: 'it has schema version 1' }
    : undefined
}

/** Version 3 queues the layer links of the repository whose data exists and has no mark when it visits the repository. */
function queueLayers(collection: Collection, repository: StoredRepository, links: RepositoryLinks): void {
  const { inventory, markedBy, aborts } = collection
  if (!repository.hasLayers && inventory.driver === 'filesystem') {
    const path = `${repositoryPath(repository.name)}/_layers`
    aborts.push(abort('no-layers', path, 'the folder does not exist'))
  }
  const digests: number[] = []
  const isUnmarked = (digest: number) => (markedBy[digest] ?? -1) < 0
  for (const digest of repository.layers.equal)
    if (isUnmarked(digest) && inventory.blobs.size(digest) !== undefined) digests.push(digest)
  const linkAborts: CollectionAbort[] = []
  for (const link of repository.layers.others) {
    const { content } = link
    if (content.state === 'digest') {
      if (isUnmarked(content.target) && links.layer(content.target) !== undefined)
        digests.push(content.target)
    } else if (content.state !== 'unreadable') {
      const path = linkPath(link, inventory, (digest) => layerLinkPath(repository.name, digest))
      linkAborts.push(abort('link', path ?? `${repositoryPath(repository.name)}/_layers`, linkFault(content)))
    }
  }
  aborts.push(...linkAborts.toSorted((a, b) => compareText(a.path, b.path)))
  if (digests.length > 0) collection.removedLayers.push({ repository, digests })
}
