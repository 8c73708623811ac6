import type { DigestTable } from '../../../facts/queries/storage/digest-table.ts'
import { childrenOf, linkedManifests } from '../../../facts/queries/storage/linked-manifests.ts'
import { readStoredManifest } from '../../../facts/queries/storage/stored-manifest.ts'
import type { Inventory, StoredManifest } from '../../../facts/storage/inventory.ts'
import { eachOf } from '../each-of.ts'
import { sharedTexts } from '../equal-texts.ts'
import type { ReadHashes } from '../hashing/read-hashes.ts'
import { dataPath } from './blobs.ts'
import type { Disk } from './disk.ts'

/** The registry refuses larger manifests (`maxManifestBodySize` of distribution). */
export const maxManifest = 4 * 1024 * 1024
const atOnce = 4

/**
 * Reads the manifests that a repository links or tags, and those that an index among them names, as far as their data exists, which
 * `sizeOf` says.
 */
export async function readManifests(
  disk: Disk,
  inventory: Pick<Inventory, 'digests' | 'manifests' | 'repositories'>,
  known: ReadHashes,
  sizeOf: (digest: number) => Promise<number | undefined>,
): Promise<void> {
  const { digests, manifests } = inventory
  const share = sharedTexts()
  let wanted = linkedManifests(inventory)
  while (wanted.size > 0) {
    await eachOf(wanted, atOnce, async (digest) => {
      if (manifests.has(digest)) return
      const size = await sizeOf(digest)
      if (size !== undefined)
        manifests.set(digest, share(await readManifest(disk, digests, digests.text(digest), size, known)))
    })
    wanted = childrenOf(wanted, inventory)
  }
}

async function readManifest(
  disk: Disk,
  digests: DigestTable,
  digest: string,
  size: number,
  known: ReadHashes,
): Promise<StoredManifest> {
  if (size > maxManifest)
    return {
      ...{ state: 'invalid', declared: undefined, schemaVersion: undefined },
      why: `it has ${size} bytes, more than any manifest may have`,
    }
  const bytes = await disk.read(dataPath(digest), Math.max(size, 1))
  if (bytes === undefined) return { state: 'unreadable', why: 'it was gone when it was read' }
  if ('why' in bytes) return { state: 'unreadable', why: bytes.why }
  if (bytes.length === size) known.add(digest, bytes)
  return readStoredManifest(bytes, digests)
}
