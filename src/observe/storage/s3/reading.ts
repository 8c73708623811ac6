import { type Observed, seen, unseen } from '../../../core/observed.ts'
import { createBlobTable } from '../../../facts/queries/storage/blob-table.ts'
import { createDigestTable } from '../../../facts/queries/storage/digest-table.ts'
import { missingHalves } from '../../../facts/queries/storage/fresh.ts'
import type { S3Location } from '../../../settings/plan/s3-location.ts'
import { failure } from '../../http/failures.ts'
import { createReadHashes } from '../hashing/read-hashes.ts'
import type { Reading } from '../reading.ts'
import { lookAgain } from '../second-look.ts'
import { createUnreadList } from '../unread.ts'
import type { Bucket } from './bucket.ts'
import { createCollector } from './collect.ts'
import { bucketSource } from './hash-source.ts'
import { readLinks, readManifests } from './objects.ts'
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
}

/**
 * Reads what a registry keeps in a bucket. One recursive listing gives the existence and sizes of all objects; read are only the
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
}: S3ReadOptions): Promise<Observed<Reading>> {
  const { prefix } = bucket.location
  const root = layoutKey(bucket.location)
  const digests = createDigestTable()
  const collector = createCollector(digests, createBlobTable())
  let isEmpty = true
  for await (const page of bucket.list(root)) {
    if (!page.seen) return page
    for (const object of page.value) collector.add({ ...object, key: object.key.slice(root.length) })
    isEmpty &&= page.value.length === 0
    progress({ found: page.value.length, done: page.value.length })
  }
  if (isEmpty) return unseen(await nothingThere(bucket))
  const cache = await bucket.read(`${prefix}scheduler-state.json`, 1)
  if (!cache.seen) return cache
  const { toRead, ...collected } = collector.end()
  const unread = createUnreadList(digests)
  const inventory = {
    ...{ driver: 's3' as const, digests, manifests: new Map(), ...collected },
    isCache: isCache || cache.value !== undefined,
    unread: unread.parts,
  }
  const known = createReadHashes()
  const reader = { bucket, root, concurrency, onUnread: unread.add, onManifest: known.add }
  const refusal = (await readLinks(reader, digests, toRead)) ?? (await readManifests(reader, inventory))
  if (refusal) return unseen(refusal)
  const lacks = missingHalves(inventory, [
    ...(inventory.hasBlobs ? [] : ['blobs' as const]),
    ...(inventory.hasRepositories ? [] : ['repositories' as const]),
  ])
  const again = createSecondReader({ ...reader, onUnread: () => {} }, inventory, pause)
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
