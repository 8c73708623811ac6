import type { ForecastRun } from '../../../storage/forecast.ts'
import type { StoredRepository } from '../../../storage/inventory.ts'
import { type Collection, isDeleted } from './collection.ts'
import type { RepositoryState } from './losses.ts'

const maxTypes = 5

/** What refers to an image of the repository that stays, and is lost itself: by image, and the digests of all. */
export function referrersLost(
  collection: Collection,
  repository: StoredRepository,
  state: RepositoryState,
  removed: ReadonlySet<number>,
): { entries: ForecastRun['referrers']['first']; digests: ReadonlySet<number> } {
  const { inventory } = collection
  const stays = (digest: number) =>
    state.links.manifest(digest) !== undefined && !removed.has(digest) && !isDeleted(collection, digest)
  const digests = new Set<number>()
  const lost = new Map<number, { types: Set<string>; count: number }>()
  for (const { content } of repository.revisions) {
    if (content.state !== 'digest' || state.links.manifest(content.target) === undefined) continue
    const manifest = inventory.manifests.get(content.target)
    const document = manifest?.state === 'parsed' ? manifest.document : undefined
    if (document?.subject === undefined || !stays(document.subject)) continue
    const isLost = removed.has(content.target) || state.lossesOf(content.target).leaves.length > 0
    if (!isLost) continue
    const entry = lost.get(document.subject) ?? { types: new Set(), count: 0 }
    lost.set(document.subject, entry)
    if (document.artifactType !== '' && entry.types.size < maxTypes) entry.types.add(document.artifactType)
    entry.count += 1
    digests.add(content.target)
  }
  const entries = Array.from(lost, ([subject, { types, count }]) => ({
    repository: repository.name,
    subject: inventory.digests.text(subject),
    types: Array.from(types),
    count,
  }))
  return { entries, digests }
}
