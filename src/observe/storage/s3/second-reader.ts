import type { Failure } from '../../../core/failure.ts'
import { createBlobTable } from '../../../facts/queries/storage/blob-table.ts'
import type { StoredRepository } from '../../../facts/storage/inventory.ts'
import { dataPath } from '../filesystem/blobs.ts'
import type { Reading } from '../reading.ts'
import type { SecondReader } from '../second-look.ts'
import { createCollector } from './collect.ts'
import type { ListedObject } from './listing.ts'
import { type ObjectReader, readLinks, readManifests } from './objects.ts'
import { folders } from './place.ts'

interface SecondReaderOptions {
  pause: () => Promise<void>
  /** The first digest that was named after all data was listed. */
  lateFrom: number
  /** When reading began, in milliseconds since the epoch. */
  startedAt: number
}

/** Reads parts of a bucket once more, until the server refuses: from then on all stays as it was, and `refusal` says why. */
export function createSecondReader(
  reader: ObjectReader,
  inventory: Reading['inventory'],
  { pause, lateFrom, startedAt }: SecondReaderOptions,
): SecondReader & { refusal: () => Failure | undefined } {
  const { bucket, root } = reader
  const { digests, blobs } = inventory
  let refusal: Failure | undefined
  let late = lateFrom

  /** Calls `found` with all objects below a prefix, whose keys are relative to the layout. */
  const list = async (prefix: string, found: (object: ListedObject) => void) => {
    if (refusal) return
    for await (const page of bucket.list(`${root}${prefix}`)) {
      if (!page.seen) refusal = page.why
      else for (const object of page.value) found({ ...object, key: object.key.slice(root.length) })
    }
  }

  const readRepository = async (repository: StoredRepository): Promise<StoredRepository | undefined> => {
    const collector = createCollector(digests, createBlobTable())
    // Not the whole folder, which may hold other repositories.
    for (const folder of folders) await list(`repositories/${repository.name}/${folder}/`, collector.add)
    const { repositories, toRead } = collector.repositories()
    refusal ??= await readLinks(reader, digests, toRead)
    return refusal ? repository : repositories[0]
  }

  const statBlob: SecondReader['statBlob'] = async (digest) => {
    const path = dataPath(digests.text(digest))
    let found: { size: number; modifiedAt: number } | undefined
    await list(path, ({ key, size, modifiedAt = 0 }) => {
      if (key === path) found = { size, modifiedAt }
    })
    const size = blobs.size(digest)
    const before = size === undefined ? undefined : { size, modifiedAt: blobs.modifiedAt(digest) ?? 0 }
    return refusal ? before : found
  }

  return {
    readRepository,
    statBlob,
    readManifests: async () => {
      refusal ??= await readManifests(reader, inventory)
    },
    // Until its data was listed, nothing named it, so that it was only counted.
    readLateData: async () => {
      for (; late < digests.size(); late += 1) {
        const found = blobs.size(late) === undefined ? await statBlob(late) : undefined
        if (!found) continue
        if (found.modifiedAt < startedAt) blobs.takeUnnamed(digests.text(late), found.size, found.modifiedAt)
        blobs.add(late, found.size, found.modifiedAt)
      }
    },
    pause,
    refusal: () => refusal,
  }
}
