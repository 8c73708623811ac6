import type { BrokenLink } from '../../../storage/fault.ts'
import type { Inventory, StoredLink, StoredRepository } from '../../../storage/inventory.ts'
import { linkState } from './links.ts'

/** The links of a repository that do not consist of the digest in their path. */
export function brokenLinks(
  { name, revisions, layers }: StoredRepository,
  { digests, blobs, unread }: Inventory,
): BrokenLink[] {
  const broken = (kind: BrokenLink['kind']) => (link: StoredLink) => {
    const { path, content } = link
    const state = linkState(link, digests)
    if (path === undefined || state === 'whole' || state === 'unreadable') return []
    const text = content.state === 'digest' ? digests.text(content.target) : undefined
    return [
      {
        ...{ repository: name, kind, digest: digests.text(path), state },
        ...(content.state === 'malformed' ? { text: content.text } : text === undefined ? {} : { text }),
        hasData: blobs.size(path) !== undefined || unread.data(path),
      },
    ]
  }
  return [...revisions.flatMap(broken('revision')), ...layers.others.flatMap(broken('layer'))]
}
