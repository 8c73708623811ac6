import type { Inventory } from '../../storage/inventory.ts'
import { candidatesOf } from './judge/images.ts'

/** The digests that some repository links as a manifest, or tags, also with a damaged link; each once. */
export function linkedManifests({ repositories }: Pick<Inventory, 'repositories'>): Set<number> {
  const found = new Set<number>()
  for (const { revisions, tags } of repositories) {
    for (const { content } of revisions) if (content.state === 'digest') found.add(content.target)
    for (const tag of tags) for (const target of candidatesOf(tag)) found.add(target)
  }
  return found
}

/** The digests that these manifests name as children, and that were not read. */
export function childrenOf(
  parents: Iterable<number>,
  { manifests }: Pick<Inventory, 'manifests'>,
): Set<number> {
  const found = new Set<number>()
  for (const parent of parents) {
    const manifest = manifests.get(parent)
    if (manifest?.state !== 'parsed') continue
    for (const { digest, role } of manifest.document.references)
      if (role === 'child' && !manifests.has(digest)) found.add(digest)
  }
  return found
}
