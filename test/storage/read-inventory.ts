import { createBlobTable } from '../../src/facts/queries/storage/blob-table.ts'
import { createDigestTable } from '../../src/facts/queries/storage/digest-table.ts'
import { isStoredDigest } from '../../src/facts/queries/storage/stored-digest.ts'
import { readStoredManifest } from '../../src/facts/queries/storage/stored-manifest.ts'
import type {
  Inventory,
  LinkColumns,
  LinkContent,
  StoredLink,
  StoredRepository,
  StoredTag,
  StoredUpload,
  Stray,
} from '../../src/facts/storage/inventory.ts'
import { blobFolder, type Files } from './files.ts'

/** The inventory of files in memory. */
export function inventoryOf(files: Files, driver: Inventory['driver'] = 'filesystem'): Inventory {
  const digests = createDigestTable()
  const blobs = createBlobTable()
  const repositories = new Map<string, StoredRepository>()
  const paths = Array.from(files.keys())
  const strays: Stray[] = []
  const inventory: Inventory = {
    driver,
    digests,
    blobs,
    manifests: new Map(),
    repositories: [],
    hasBlobs: paths.some((path) => path === 'blobs' || path.startsWith('blobs/')),
    hasRepositories: paths.some((path) => path === 'repositories' || path.startsWith('repositories/')),
    underscoreFiles: [],
    strays,
    isCache: false,
  }

  const repositoryOf = (name: string): StoredRepository => {
    const known = repositories.get(name)
    if (known) return known
    const empty = { hasLayers: false, hasManifests: false, hasRevisions: false, hasTags: false }
    const layers: LinkColumns = { equal: new Int32Array(), others: [] }
    const uploads: StoredUpload[] = []
    const made = { name, ...empty, revisions: [], tags: [], tagFiles: [], layers, uploads }
    repositories.set(name, made)
    return made
  }
  const linkOf = (content: Buffer): LinkContent => {
    const text = content.toString()
    if (text === '') return { state: 'empty' }
    return isStoredDigest(text)
      ? { state: 'digest', target: digests.add(text) }
      : { state: 'malformed', text }
  }
  const equals = new Map<StoredRepository, number[]>()

  for (const [path, content] of files) {
    const parts = path.split('/')
    if (parts[0] === 'blobs') {
      if (parts.at(-1) !== 'data' || !content) continue
      const digest = digestOfBlob(parts)
      if (digest === undefined) strays.push({ path, kind: 'data-path' })
      else if (path === `${blobFolder(digest)}/data`) blobs.add(digests.add(digest), content.length, 0)
      else strays.push({ path, kind: 'misplaced', digest: digests.add(digest) })
      continue
    }
    const at = parts.findIndex((part) => ['_layers', '_manifests', '_uploads'].includes(part))
    if (at < 0) {
      if (
        content &&
        parts.at(-1)?.startsWith('_') &&
        !parts.slice(1, -1).some((part) => part.startsWith('_'))
      )
        inventory.underscoreFiles.push(parts.slice(1).join('/'))
      continue
    }
    const repository = repositoryOf(parts.slice(1, at).join('/'))
    const rest = parts.slice(at + 1)
    if (parts[at] === '_layers') {
      repository.hasLayers = true
      if (rest.at(-1) !== 'link' || !content) continue
      const link: StoredLink = { path: digestAt(rest), content: linkOf(content) }
      if (link.content.state === 'digest' && link.content.target === link.path)
        equals.set(repository, [...(equals.get(repository) ?? []), link.path])
      else repository.layers.others.push(link)
    } else if (parts[at] === '_manifests') {
      repository.hasManifests = true
      if (rest[0] === 'revisions') {
        repository.hasRevisions = true
        if (rest.at(-1) === 'link' && content)
          repository.revisions.push({ path: digestAt(rest.slice(1)), content: linkOf(content) })
      }
      if (rest[0] !== 'tags') continue
      repository.hasTags = true
      const [, name, folder, algorithm, encoded] = rest
      if (name === undefined) continue
      if (rest.length === 2 && content) {
        repository.tagFiles.push(name)
        continue
      }
      const tag = tagOf(repository, name)
      if (folder === 'current' && rest.length === 4 && algorithm === 'link' && content)
        tag.current = linkOf(content)
      if (folder === 'index' && algorithm !== undefined && encoded !== undefined)
        tag.history.push({ digest: digests.add(`${algorithm}:${encoded}`), at: undefined })
    }
  }
  for (const [repository, equal] of equals) repository.layers.equal = Int32Array.from(equal)
  inventory.repositories = Array.from(repositories.values())

  const read = (digest: number) => {
    const data = files.get(`${blobFolder(digests.text(digest))}/data`)
    if (inventory.manifests.has(digest) || blobs.size(digest) === undefined || !data) return
    const manifest = readStoredManifest(data, digests)
    inventory.manifests.set(digest, manifest)
    if (manifest.state === 'parsed' && manifest.document.kind === 'index')
      for (const { digest: child } of manifest.document.references) read(child)
  }
  for (const { revisions, tags } of inventory.repositories) {
    for (const { path, content } of revisions) {
      if (path !== undefined) read(path)
      if (content.state === 'digest') read(content.target)
    }
    for (const { current } of tags) if (current?.state === 'digest') read(current.target)
  }
  return inventory

  function tagOf({ tags }: StoredRepository, name: string): StoredTag {
    const known = tags.find((tag) => tag.name === name)
    if (known) return known
    const made: StoredTag = { name, current: undefined, history: [] }
    tags.push(made)
    return made
  }

  function digestAt(rest: string[]): number | undefined {
    const [algorithm = '', encoded = '', ...more] = rest
    const text = `${algorithm}:${encoded}`
    return more.length === 1 && isStoredDigest(text) ? digests.add(text) : undefined
  }
}

/** As `digestFromPath` of the registry. */
function digestOfBlob(parts: string[]): string | undefined {
  const [algorithm = '', two = '', encoded = ''] = parts.slice(-4, -1)
  const text = two === encoded.slice(0, 2) ? `${algorithm}:${encoded}` : `${two}:${encoded}`
  return isStoredDigest(text) ? text : undefined
}
