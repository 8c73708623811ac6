import { type Observed, seen, unseen } from '../../../core/observed.ts'
import { createBlobTable } from '../../../facts/queries/storage/blob-table.ts'
import { createDigestTable } from '../../../facts/queries/storage/digest-table.ts'
import { missingHalves } from '../../../facts/queries/storage/fresh.ts'
import type { Inventory } from '../../../facts/storage/inventory.ts'
import type { S3Location } from '../../../settings/plan/s3-location.ts'
import { failure } from '../../http/failures.ts'
import { createReadHashes } from '../hashing/read-hashes.ts'
import type { Reading } from '../reading.ts'
import { lookAgain } from '../second-look.ts'
import { createUnreadList } from '../unread.ts'
import type { Bucket } from './bucket.ts'
import { createCollector } from './collect.ts'
import { bucketSource } from './hash-source.ts'
import { readLinks, readManifests, readManifestsFirst } from './objects.ts'
import type { S3Failure } from './refusal.ts'
import { createSecondReader } from './second-reader.ts'

/** Where the layout begins below the registry's root directory. */
const layoutBase = 'docker/registry/v2'

/** The key of the root of the layout, with a slash at its end. */
export const layoutKey = ({ prefix }: S3Location): string => `${prefix}${layoutBase}/`

export interface S3ReadOptions {
  bucket: Bucket
  /** The most requests at once. */
  concurrency: number
  progress: (change: { found?: number; done?: number }) => void
  /** It is known to belong to a pull-through cache. */
  isCache: boolean
  /** Waited for before what looks wrong is read again. */
  pause: () => Promise<void>
  /** Data that nothing names is kept like all other, not only counted; so it is by default. */
  keepsAll?: boolean
  /** When reading began, in milliseconds since the epoch. */
  startedAt?: number
}

/**
 * Reads what a registry keeps in a bucket. Recursive listings of links and of data give the existence and sizes of all objects; read are only the
 * manifests that a repository links or tags, with their children, the tags that have pointed elsewhere, and the links with another
 * length than the digest in their path; and to be hashed, configurations, and with `hash` all else. So a link of the right length with another digest in it is not noticed, as it is on a
 * file system.
 */
export async function readBucket({
  bucket,
  concurrency,
  progress,
  isCache,
  pause,
  keepsAll = true,
  startedAt = Date.now(),
}: S3ReadOptions): Promise<Observed<Reading>> {
  const { prefix } = bucket.location
  const root = layoutKey(bucket.location)
  const digests = createDigestTable()
  const blobs = createBlobTable(startedAt)
  const collector = createCollector(digests, blobs, keepsAll)
  /** Returns the refusal of the server that ended it, if there was one. */
  const list = async (half: 'blobs' | 'repositories'): Promise<S3Failure | undefined> => {
    for await (const page of bucket.list(`${root}${half}/`)) {
      if (!page.seen) return page.why
      for (const object of page.value) collector.add({ ...object, key: object.key.slice(root.length) })
      progress({ found: page.value.length, done: page.value.length })
    }
    return undefined
  }

  // Links first and data last: what a push writes meanwhile can only add data that no link was read of.
  const refusedLinks = await list('repositories')
  if (refusedLinks) return unseen(refusedLinks)
  const { toRead, ...collected } = collector.repositories()
  const unread = createUnreadList(digests)
  const known = createReadHashes()
  const reader = { bucket, root, concurrency, onUnread: unread.add, onManifest: known.add }
  const refusedLink = await readLinks(reader, digests, toRead)
  if (refusedLink) return unseen(refusedLink)
  const manifests: Inventory['manifests'] = new Map()
  const first = await readManifestsFirst(reader, { digests, manifests, ...collected })
  if (first.refusal) return unseen(first.refusal)
  // All that is named has a number now.
  const lateFrom = digests.size()
  const refusedData = await list('blobs')
  if (refusedData) return unseen(refusedData)
  if (!collector.has('blobs') && !collector.has('repositories')) {
    const marker = await bucket.peek(root, 1)
    if (!marker.seen) return marker
    if (marker.value.length === 0) return unseen(await nothingThere(bucket))
  }
  // What the listing states otherwise is read again, and named.
  for (const [digest, length] of first.lengths) if (blobs.size(digest) !== length) manifests.delete(digest)
  const cache = await bucket.read(`${prefix}scheduler-state.json`, 1)
  if (!cache.seen) return cache
  const inventory = {
    ...{ driver: 's3' as const, digests, blobs, strays: collector.strays, manifests, ...collected },
    hasBlobs: collector.has('blobs'),
    hasRepositories: collector.has('repositories'),
    isCache: isCache || cache.value !== undefined,
    unread: unread.parts,
  }
  const refusal = await readManifests(reader, inventory)
  if (refusal) return unseen(refusal)
  const lacks = missingHalves(inventory, [
    ...(inventory.hasBlobs ? [] : ['blobs' as const]),
    ...(inventory.hasRepositories ? [] : ['repositories' as const]),
  ])
  const again = createSecondReader({ ...reader, onUnread: () => {} }, inventory, {
    pause,
    lateFrom,
    startedAt,
  })
  await again.readLateData()
  await lookAgain({ inventory, lacks }, again, unread.addChanging)
  const refusedAgain = again.refusal()
  return refusedAgain
    ? unseen(refusedAgain)
    : seen({
        ...{ inventory, base: layoutBase, lacks },
        // Hashing finds more.
        get unread() {
          return unread.fact()
        },
        hash: async (options) => {
          const { hashStorage } = await import('../hashing/pass.ts')
          const source = bucketSource({
            ...{ bucket, root, known, concurrency, inventory, onUnread: unread.add },
          })
          return hashStorage(source, inventory, options)
        },
      })
}

/** Says what is there instead of a registry's storage. */
async function nothingThere({ location, peek }: Bucket): Promise<S3Failure> {
  const { name, prefix, base } = location
  const around = await peek(prefix, 5)
  if (!around.seen) return around.why
  const names = around.value.map((key) => key.slice(prefix.length))
  const there = names.length > 0 ? `it holds ${names.join(', ')}` : 'it is empty'
  return {
    ...failure('answer-invalid', base.host, 'body', `${name} is no storage of a registry: ${there}`),
    advice: `Name the bucket and the rootdirectory of the registry, below which ${layoutBase} is.`,
  }
}
