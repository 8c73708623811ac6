import { type Suspects, suspectsOf } from '../../../facts/queries/storage/suspects.ts'
import type { Reading } from '../reading.ts'
import { dataPath } from './blobs.ts'
import type { Disk } from './disk.ts'
import type { FileMarks } from './file-marks.ts'
import { readManifests } from './manifests.ts'
import { pathOfRepository, readRepository } from './repositories.ts'

/**
 * Reads again what looks wrong, after a pause, and corrects the inventory: a registry may have been writing or deleting there. What is
 * found only then (a new push, whose data was not seen before) is read again as well.
 */
export async function lookAgain(
  disk: Disk,
  { inventory, lacks }: Pick<Reading, 'inventory' | 'lacks'>,
  marks: FileMarks,
  pause: () => Promise<void>,
): Promise<void> {
  // Everything looks wrong there, and no registry works on half a storage.
  if (lacks.length > 0) return
  const known: Suspects = { repositories: new Set(), digests: new Set() }
  for (let round = 0; round < maxRounds; round += 1) {
    const suspects = without(suspectsOf(inventory), known)
    if (suspects.repositories.size + suspects.digests.size === 0) return
    if (round === 0) await pause()
    await readAgain(disk, inventory, marks, suspects)
    for (const name of suspects.repositories) known.repositories.add(name)
    for (const digest of suspects.digests) known.digests.add(digest)
  }
}

/** The index of an image that is new, the manifests that it names, and their layers are each found by reading the one before. */
const maxRounds = 5

async function readAgain(
  disk: Disk,
  inventory: Reading['inventory'],
  marks: FileMarks,
  suspects: Suspects,
): Promise<void> {
  const { digests, blobs, manifests, repositories } = inventory
  for (const [at, { name }] of [...repositories.entries()].toReversed()) {
    const path = suspects.repositories.has(name) ? pathOfRepository(name) : undefined
    if (path === undefined) continue
    const again = await readRepository(disk, digests, path)
    if (again) repositories[at] = again
    else repositories.splice(at, 1)
  }
  for (const digest of suspects.digests) {
    const found = await disk.stat(dataPath(digests.text(digest)))
    manifests.delete(digest)
    if (found?.isFile()) {
      blobs.add(digest, found.size, found.mtimeMs)
      marks.note(digest, found)
    } else blobs.remove(digest)
  }
  await readManifests(disk, inventory)
}

const without = (all: Suspects, known: Suspects): Suspects => ({
  repositories: new Set([...all.repositories].filter((name) => !known.repositories.has(name))),
  digests: new Set([...all.digests].filter((digest) => !known.digests.has(digest))),
})
