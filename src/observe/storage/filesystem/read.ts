import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { createBlobTable } from '../../../facts/queries/storage/blob-table.ts'
import { createDigestTable } from '../../../facts/queries/storage/digest-table.ts'
import { missingHalves } from '../../../facts/queries/storage/fresh.ts'
import type { Inventory } from '../../../facts/storage/inventory.ts'
import { createReadHashes } from '../hashing/read-hashes.ts'
import type { Reading } from '../reading.ts'
import { lookAgain } from '../second-look.ts'
import { createUnreadList } from '../unread.ts'
import { dataPath, readBlobs } from './blobs.ts'
import { type Disk, openDisk } from './disk.ts'
import { createFileMarks } from './file-marks.ts'
import type { FoundBase } from './find-base.ts'
import { createLateData } from './late-data.ts'
import { readManifests } from './manifests.ts'
import { createOwners } from './owners.ts'
import { pathOfRepository, readRepositories, readRepository } from './repositories.ts'

/**
 * The file with which a registry that is a pull-through cache schedules what it removes (distribution, registry/proxy/scheduler). One
 * that was just started has none yet, and one that keeps everything (`ttl: 0` of 3.x) never has.
 */
const cacheFile = 'scheduler-state.json'

interface ReadOptions {
  signal: AbortSignal
  onRead: () => void
  pause: () => Promise<void>
  /** It is known to belong to a pull-through cache. */
  isCache?: boolean
  /** What is hashed is remembered for the next run; so it is by default. */
  isRemembered?: boolean
  /** Data that nothing names is kept like all other, as a pass over all data or a comparison needs it; so it is by default. */
  keepsAll?: boolean
  /** When reading began, in milliseconds since the epoch. */
  startedAt?: number
}

/** Reads a whole storage on a file system. `pause` is waited for before what looks wrong is read again. Throws the reason of `signal` once it aborts. */
export async function readFilesystem(
  { base, root, below, lacks: absent }: Extract<FoundBase, { state: 'found' }>,
  {
    signal,
    onRead,
    pause,
    isCache = false,
    isRemembered = true,
    keepsAll = true,
    startedAt = Date.now(),
  }: ReadOptions,
): Promise<Reading> {
  const digests = createDigestTable()
  const unread = createUnreadList(digests)
  const owners = createOwners()
  const disk = openDisk(base, { onUnread: unread.add, signal, owners })
  const blobs = createBlobTable(startedAt)
  // Links first and data last: what a push writes meanwhile can only add data that no link was read of.
  const repositories = await readRepositories(disk, digests, onRead)
  const manifests: Inventory['manifests'] = new Map()
  const known = createReadHashes()
  const named = { digests, manifests, ...repositories }
  // What cannot be found here is reported when all data is read.
  const quiet = openDisk(base, { onUnread: () => {}, signal })
  await readManifests(disk, named, known, async (digest) => sizeAt(quiet, digests.text(digest)))
  // All that is named has a number now.
  const namedCount = digests.size()
  const marks = createFileMarks(isRemembered)
  const { strays, readAt } = await readBlobs(disk, digests, blobs, { marks, owners, keepsAll, onRead })
  const inventory = {
    ...{ driver: 'filesystem' as const, digests, blobs, strays, manifests, ...repositories },
    hasBlobs: !absent.includes('blobs'),
    hasRepositories: !absent.includes('repositories'),
    isCache: isCache || (await exists(join(root, cacheFile))),
    unread: unread.parts,
  }
  const lacks = missingHalves(inventory, absent)
  // What cannot be read was reported already.
  const again = openDisk(base, { onUnread: ({ path }) => unread.note(path), signal })
  const late = createLateData({ ...{ disk: again, digests, blobs, marks, readAt }, from: namedCount })
  await late.read()
  await lookAgain(
    { inventory, lacks },
    {
      readRepository: async (repository) => {
        const path = pathOfRepository(repository.name)
        return path === undefined ? repository : readRepository(again, digests, path)
      },
      statBlob: async (digest) => {
        const found = await again.find(dataPath(digests.text(digest)))
        if (!found?.isFile()) return undefined
        marks.note(digest, found)
        return { size: found.size, modifiedAt: found.mtimeMs }
      },
      readManifests: () => readManifests(again, inventory, known, late.sizeOf),
      readLateData: late.read,
      pause,
    },
    unread.addChanging,
  )
  const wrongOwner = owners.wrong()
  return {
    ...{ inventory, base: below, lacks, unread: unread.fact() },
    ...(wrongOwner ? { wrongOwner } : {}),
    hash: async (options) => {
      const [{ hashStorage }, { fileSource }] = await Promise.all([
        import('../hashing/pass.ts'),
        import('./hash-source.ts'),
      ])
      return hashStorage(fileSource({ disk: again, marks, inventory, known, base, root }), inventory, options)
    },
  }
}

/** The size of the data of a digest, before all data is read. */
async function sizeAt(disk: Disk, digest: string): Promise<number | undefined> {
  const found = await disk.find(dataPath(digest))
  return found?.isFile() ? found.size : undefined
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )
