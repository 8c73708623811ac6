import type { Inventory, StoredRepository } from '../../../storage/inventory.ts'
import type { CollectionOptions, Unseen, UnseenReason } from './collection.ts'

/**
 * The repositories in the order in which a collection visits them (`registry.Enumerate`), and those that it does not see. Version 2
 * finds them by `_layers`, version 3 by `_manifests`. The file system driver goes down into a folder before its next
 * neighbour, neighbours sorted by name; so does version 2 on S3, within 1000 keys. Version 3 on S3 reads one flat list of
 * keys, where `a-b/` is before `a/`.
 */
export function visitOrder(
  inventory: Inventory,
  options: CollectionOptions,
): { visited: StoredRepository[]; unseen: Unseen[] } {
  const marker = options.version === '2.8' ? '_layers' : '_manifests'
  const cuts = options.version === '2.8' ? inventory.underscoreFiles.map(splitPath) : []
  const seen: { repository: StoredRepository; path: string[] }[] = []
  const unseen: Unseen[] = []
  for (const repository of inventory.repositories) {
    const path = [...splitPath(repository.name), marker]
    const why = unseenReason(repository, options, path, cuts)
    if (why === undefined) seen.push({ repository, path })
    else unseen.push({ repository, why })
  }
  const isFlat = inventory.driver === 's3' && options.version === '3'
  seen.sort(isFlat ? (a, b) => compareText(a.path.join('/'), b.path.join('/')) : byFolder)
  return { visited: seen.map(({ repository }) => repository), unseen }
}

function unseenReason(
  repository: StoredRepository,
  { version }: CollectionOptions,
  path: string[],
  cuts: string[][],
): UnseenReason | undefined {
  if (splitPath(repository.name).some((part) => part.startsWith('_'))) return 'name'
  if (version === '2.8' && !repository.hasLayers) return 'no _layers'
  if (version === '3' && !repository.hasManifests) return 'no _manifests'
  return cuts.some((file) => isBehind(path, file)) ? 'file' : undefined
}

/** Whether the walk comes to the path after the file, in the file's own folder. */
function isBehind(path: string[], file: string[]): boolean {
  const depth = file.length - 1
  const folder = file.slice(0, depth)
  return folder.every((part, at) => path[at] === part) && (path[depth] ?? '') > (file[depth] ?? '')
}

function byFolder(a: { path: string[] }, b: { path: string[] }): number {
  for (let at = 0; at < a.path.length && at < b.path.length; at += 1) {
    const order = compareText(a.path[at] ?? '', b.path[at] ?? '')
    if (order !== 0) return order
  }
  return a.path.length - b.path.length
}

const splitPath = (path: string): string[] => path.split('/')

/** Compares as Go does: by bytes, which for names that the registry accepts is by code units. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
