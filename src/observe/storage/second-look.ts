import { type Suspects, suspectsOf } from '../../facts/queries/storage/suspects.ts'
import type { StoredRepository } from '../../facts/storage/inventory.ts'
import type { Reading } from './reading.ts'

/** Reads parts of a storage once more. */
export interface SecondReader {
  /** The repository as it is now; undefined if it is gone. */
  readRepository: (repository: StoredRepository) => Promise<StoredRepository | undefined>
  /** The data of a digest as it is now: bytes, and when it was written in milliseconds; undefined if there is none. */
  statBlob: (digest: number) => Promise<{ size: number; modifiedAt: number } | undefined>
  /** Reads the manifests that are not in the inventory. */
  readManifests: () => Promise<void>
  /** Adds the data of digests that were first named after the data was read. */
  readLateData: () => Promise<void>
  pause: () => Promise<void>
}

/**
 * Reads again what looks wrong, after a pause, and corrects the inventory: a registry may have been writing or deleting there. What two
 * readings in a row agree about counts. The index of an image that is new, the manifests that it names and their layers are each found
 * by reading the one before, so a busy registry needs several rounds; a repository of which each reading shows something else
 * is passed to `onChanging`, with the digests in question.
 */
export async function lookAgain(
  { inventory, lacks }: Pick<Reading, 'inventory' | 'lacks'>,
  reader: SecondReader,
  onChanging: (repository: string, digests: number[]) => void,
): Promise<void> {
  // Everything looks wrong there, and no registry works on half a storage.
  if (lacks.length > 0) return
  let before: Suspects = new Map()
  for (let round = 0; round < maxRounds; round += 1) {
    const now = suspectsOf(inventory)
    const open = newIn(now, before)
    if (open.size === 0) return
    await reader.pause()
    await readAgain(inventory, open, reader)
    before = now
  }
  for (const [repository, signs] of newIn(suspectsOf(inventory), before))
    onChanging(repository, digestsIn(signs))
}

const maxRounds = 6

async function readAgain(
  { blobs, manifests, repositories }: Reading['inventory'],
  suspects: Suspects,
  reader: SecondReader,
): Promise<void> {
  for (const [at, repository] of [...repositories.entries()].toReversed()) {
    if (!suspects.has(repository.name)) continue
    const again = await reader.readRepository(repository)
    if (again) repositories[at] = withMoves(repository, again)
    else repositories.splice(at, 1)
  }
  const digests = new Set<number>()
  for (const signs of suspects.values()) for (const digest of digestsIn(signs)) digests.add(digest)
  for (const digest of digests) {
    const found = await reader.statBlob(digest)
    manifests.delete(digest)
    if (found) blobs.add(digest, found.size, found.modifiedAt)
    else blobs.remove(digest)
  }
  await reader.readManifests()
  await reader.readLateData()
}

const digestsIn = (signs: ReadonlySet<number | string>): number[] =>
  [...signs].filter((sign) => typeof sign === 'number')

/** The repository as it was read now, with the tags that pointed to something else, or did not exist, when it was read before. */
function withMoves(before: StoredRepository, now: StoredRepository): StoredRepository {
  const targets = new Map(before.tags.map((tag) => [tag.name, tag]))
  for (const tag of now.tags) {
    const old = targets.get(tag.name)
    const [from, to] = [old?.current, tag.current]
    const isSame = from?.state === 'digest' && to?.state === 'digest' && from.target === to.target
    const isStillBroken = from?.state !== 'digest' && to?.state !== 'digest' && old !== undefined
    if (old?.hasMoved || !(isSame || isStillBroken)) tag.hasMoved = true
  }
  return now
}

/** The signs that were not there before. */
function newIn(all: Suspects, before: Suspects): Suspects {
  const found: Suspects = new Map()
  for (const [repository, signs] of all) {
    const known = before.get(repository)
    const left = known === undefined ? signs : new Set([...signs].filter((sign) => !known.has(sign)))
    if (left.size > 0) found.set(repository, left)
  }
  return found
}
