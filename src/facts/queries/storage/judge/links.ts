import type { Inventory, StoredLink, StoredRepository } from '../../../storage/inventory.ts'
import type { DigestTable } from '../digest-table.ts'
import { isOtherName, type KeptAs } from '../kept-as.ts'

/** What a registry finds where it looks for a link. `other`: it names another digest than its path, whose data would be served. */
export type LinkState = 'missing' | FileState
/** What a link file that exists says. */
export type FileState = 'whole' | 'empty' | 'malformed' | 'unreadable' | 'other'

/** The links of one repository, by digest. */
export interface RepositoryLinks {
  /** The link below `_manifests/revisions`: without it a manifest is not served by its digest, nor through a tag. */
  revision: (digest: number) => LinkState
  /** The link below `_layers`: without it a blob is not served. */
  layer: (digest: number) => LinkState
}

/**
 * Returns a function that reads the links of a repository. What it returned for one repository is valid until it is called for the
 * next: a storage has many repositories, and all share one table.
 *
 * Measured on registry 2.8.2 and 3.1.2: a blob is not served through a revision link. A manifest is served through a layer link by
 * 2.8 alone, where only a client that uploads manifests as blobs leaves one; such a manifest counts as not linked.
 */
export function createLinkReader(
  { digests, unread }: Inventory,
  keptAs: KeptAs,
): (repository: StoredRepository) => RepositoryLinks {
  const whole = { revision: new Int32Array(digests.size()), layer: new Int32Array(digests.size()) }
  let current = 0
  return (repository) => {
    current += 1
    const bad = { revision: new Map<number, LinkState>(), layer: new Map<number, LinkState>() }
    const add = (kind: 'revision' | 'layer', link: StoredLink) => {
      if (link.path === undefined) return
      const state = linkState(link, digests)
      if (state === 'whole') whole[kind][link.path] = current
      else bad[kind].set(link.path, state)
    }
    for (const link of repository.revisions) add('revision', link)
    for (const digest of repository.layers.equal) whole.layer[digest] = current
    // A mount links such a name to itself, where there is no data (registry 2.8.2 and 3.1.2).
    for (const digest of keptAs.others) {
      if (whole.layer[digest] !== current) continue
      whole.layer[digest] = 0
      bad.layer.set(digest, 'other')
    }
    for (const link of repository.layers.others) add('layer', link)
    const number = current
    const read = (kind: 'revision' | 'layer') => {
      const otherwise = unread.links(repository.name, kind) ? 'unreadable' : 'missing'
      return (digest: number) =>
        whole[kind][digest] === number ? 'whole' : (bad[kind].get(digest) ?? otherwise)
    }
    return { revision: read('revision'), layer: read('layer') }
  }
}

/** What a link file says. A registry links a SHA-512 digest to the SHA-256 digest of the same bytes. */
export function linkState({ path, content }: StoredLink, digests: DigestTable): FileState {
  if (content.state !== 'digest') return content.state
  if (content.target === path || path === undefined) return 'whole'
  return isOtherName(path, content.target, digests) ? 'whole' : 'other'
}
