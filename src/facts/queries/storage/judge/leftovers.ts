import type { StorageFaults } from '../../../storage/fault.ts'
import type { Inventory } from '../../../storage/inventory.ts'
import type { KeptAs } from '../kept-as.ts'
import { linkedManifests } from '../linked-manifests.ts'
import { settledMs } from '../settled.ts'
import { type Hashed, references } from './data.ts'

/** So many entries of a list are kept. */
const maxListed = 100

/** So much data that nothing names is listed. */
const maxUnreferenced = 5

/** The first entries of a list, and how many more there are. */
export const listed = <T>(all: T[], max = maxListed): { items: T[]; more: number } => ({
  items: all.slice(0, max),
  more: Math.max(0, all.length - max),
})

/** Which digests anything names: a link, by its path or its content, or a manifest. */
function namedDigests({ digests, repositories, manifests }: Inventory): Uint8Array {
  const named = new Uint8Array(digests.size())
  const name = (digest: number | undefined) => {
    if (digest !== undefined) named[digest] = 1
  }
  for (const { revisions, layers, tags } of repositories) {
    for (const { path, content } of [...revisions, ...layers.others]) {
      name(path)
      if (content.state === 'digest') name(content.target)
    }
    for (const digest of layers.equal) named[digest] = 1
    for (const { current } of tags) if (current?.state === 'digest') name(current.target)
  }
  for (const { digest } of references(manifests)) named[digest] = 1
  return named
}

/** Whether there is a manifest of a link, a tag or an index whose data could not be read: it may name anything. */
function hasUnreadManifest(inventory: Inventory): boolean {
  const { manifests, unread } = inventory
  const isUnread = (digest: number) => manifests.get(digest)?.state === 'unreadable' || unread.data(digest)
  for (const digest of linkedManifests(inventory)) if (isUnread(digest)) return true
  for (const { role, digest } of references(manifests)) if (role === 'child' && isUnread(digest)) return true
  return false
}

/** Data that nothing names and that no push can still be about to name. `now` in milliseconds. */
export function unreferencedData(inventory: Inventory, now: number): StorageFaults['unreferenced'] {
  // Repositories that were not read may name anything.
  if (inventory.unread.repositories() || hasUnreadManifest(inventory))
    return { count: 0, bytes: 0, first: [] }
  const { settled } = inventory.blobs.unnamed()
  const found = { ...settled, first: [...settled.first] }
  const named = namedDigests(inventory)
  for (const digest of inventory.blobs.all()) {
    if (named[digest] === 1 || now - (inventory.blobs.modifiedAt(digest) ?? 0) < settledMs) continue
    found.count += 1
    found.bytes += inventory.blobs.size(digest) ?? 0
    if (found.first.length < maxUnreferenced) found.first.push(inventory.digests.text(digest))
  }
  return found
}

/** Data with wrong content that no manifest needs; what one needs is reported with the images. */
export function corruptData(
  { digests, blobs, manifests }: Inventory,
  hashed: Hashed,
  keptAs: KeptAs,
): StorageFaults['corrupt']['items'] {
  const corrupt = new Set<number>()
  for (const digest of blobs.all())
    if (hashed(digest) === 'corrupt' && !manifests.has(digest)) corrupt.add(digest)
  if (corrupt.size > 0) for (const { digest } of references(manifests)) corrupt.delete(keptAs(digest))
  return [...corrupt].map((digest) => ({ digest: digests.text(digest), bytes: blobs.size(digest) ?? 0 }))
}

/** Links of blobs without data, by repository; `needed` are those that images miss, which are reported with them. */
export function linksWithoutData(
  { repositories, blobs, unread }: Inventory,
  needed: ReadonlySet<number>,
): StorageFaults['linksWithoutData'] {
  return listed(
    repositories.flatMap(({ name, layers }) => {
      let count = 0
      for (const digest of layers.equal)
        if (blobs.size(digest) === undefined && !needed.has(digest) && !unread.data(digest)) count += 1
      return count > 0 ? [{ repository: name, count }] : []
    }),
  )
}
