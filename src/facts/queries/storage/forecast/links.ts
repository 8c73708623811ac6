import type { Inventory, LinkContent, StoredRepository } from '../../../storage/inventory.ts'
import type { GcVersion } from './collection.ts'

/** The links of one repository, by the digest in their path. */
export interface RepositoryLinks {
  /** The digest whose data is read for a manifest: that in its link file, if there is one and its data exists. */
  manifest: (digest: number) => number | undefined
  /** As `manifest`, for a layer or configuration. */
  layer: (digest: number) => number | undefined
}

/**
 * Resolves links as the registry does (`linkedBlobStatter.Stat`): the path decides which file is read, its content what is read
 * then. Version 2 looks for a manifest below `_layers` as well, where version 2.1 had put them.
 */
export function linksOf(
  repository: StoredRepository,
  inventory: Inventory,
  version: GcVersion,
): RepositoryLinks {
  const revisions = new Map<number, LinkContent>()
  for (const { path, content } of repository.revisions) if (path !== undefined) revisions.set(path, content)
  // Made when first needed: a collection itself needs them for odd links only.
  let equal: Set<number> | undefined
  let others: Map<number, LinkContent> | undefined

  const existing = (digest: number): number | undefined =>
    inventory.blobs.size(digest) === undefined ? undefined : digest
  const resolve = (content: LinkContent): number | undefined =>
    content.state === 'digest' ? existing(content.target) : undefined
  const layer = (digest: number): number | undefined => {
    equal ??= new Set(repository.layers.equal)
    if (equal.has(digest)) return existing(digest)
    others ??= new Map(
      repository.layers.others.flatMap(({ path, content }) => (path === undefined ? [] : [[path, content]])),
    )
    const content = others.get(digest)
    return content && resolve(content)
  }
  return {
    manifest: (digest) => {
      const content = revisions.get(digest)
      if (content) return resolve(content)
      return version === '2.8' ? layer(digest) : undefined
    },
    layer,
  }
}
