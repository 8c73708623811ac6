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
  pause: () => Promise<void>
}

/**
 * Reads again what looks wrong, after a pause, and corrects the inventory: a registry may have been writing or deleting there. What is
 * found only then (a new push, whose data was not seen before) is read again as well.
 */
export async function lookAgain(
  { inventory, lacks }: Pick<Reading, 'inventory' | 'lacks'>,
  reader: SecondReader,
): Promise<void> {
  // Everything looks wrong there, and no registry works on half a storage.
  if (lacks.length > 0) return
  const known: Suspects = { repositories: new Set(), digests: new Set() }
  for (let round = 0; round < maxRounds; round += 1) {
    const suspects = without(suspectsOf(inventory), known)
    if (suspects.repositories.size + suspects.digests.size === 0) return
    if (round === 0) await reader.pause()
    await readAgain(inventory, suspects, reader)
    for (const name of suspects.repositories) known.repositories.add(name)
    for (const digest of suspects.digests) known.digests.add(digest)
  }
}

/** The index of an image that is new, the manifests that it names, and their layers are each found by reading the one before. */
const maxRounds = 5

async function readAgain(
  { blobs, manifests, repositories }: Reading['inventory'],
  suspects: Suspects,
  reader: SecondReader,
): Promise<void> {
  for (const [at, repository] of [...repositories.entries()].toReversed()) {
    if (!suspects.repositories.has(repository.name)) continue
    const again = await reader.readRepository(repository)
    if (again) repositories[at] = again
    else repositories.splice(at, 1)
  }
  for (const digest of suspects.digests) {
    const found = await reader.statBlob(digest)
    manifests.delete(digest)
    if (found) blobs.add(digest, found.size, found.modifiedAt)
    else blobs.remove(digest)
  }
  await reader.readManifests()
}

const without = (all: Suspects, known: Suspects): Suspects => ({
  repositories: new Set([...all.repositories].filter((name) => !known.repositories.has(name))),
  digests: new Set([...all.digests].filter((digest) => !known.digests.has(digest))),
})
