import type { Failure } from '../../../core/failure.ts'
import { createBlobTable } from '../../../facts/queries/storage/blob-table.ts'
import type { Inventory, StoredRepository } from '../../../facts/storage/inventory.ts'
import { dataPath } from '../filesystem/blobs.ts'
import type { SecondReader } from '../second-look.ts'
import { createCollector } from './collect.ts'
import type { ListedObject } from './listing.ts'
import { type ObjectReader, readLinks, readManifests } from './objects.ts'
import { folders } from './place.ts'

/** Reads parts of a bucket once more, until the server refuses: from then on all stays as it was, and `refusal` says why. */
export function createSecondReader(
  reader: ObjectReader,
  inventory: Inventory,
  pause: () => Promise<void>,
): SecondReader & { refusal: () => Failure | undefined } {
  const { bucket, root } = reader
  const { digests, blobs } = inventory
  let refusal: Failure | undefined

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
    const { repositories, toRead } = collector.end()
    refusal ??= await readLinks(reader, digests, toRead)
    return refusal ? repository : repositories[0]
  }

  return {
    readRepository,
    statBlob: async (digest) => {
      const path = dataPath(digests.text(digest))
      let found: { size: number; modifiedAt: number } | undefined
      await list(path, ({ key, size, modifiedAt = 0 }) => {
        if (key === path) found = { size, modifiedAt }
      })
      const size = blobs.size(digest)
      const before = size === undefined ? undefined : { size, modifiedAt: blobs.modifiedAt(digest) ?? 0 }
      return refusal ? before : found
    },
    readManifests: async () => {
      refusal ??= await readManifests(reader, inventory)
    },
    // The listing of a bucket is kept whole.
    readLateData: async () => {},
    pause,
    refusal: () => refusal,
  }
}
