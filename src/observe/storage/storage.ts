import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Remedy } from '../../core/remedy.ts'
import type { KnownOptions } from '../../facts/queries/storage/forecast/dry-run.ts'
import { storageFact } from '../../facts/queries/storage/storage-fact.ts'
import type { Hashing } from '../../facts/storage/hashes.ts'
import { nothingUnread, type StorageFact } from '../../facts/storage.ts'
import type { S3Location } from '../../settings/plan/s3-location.ts'
import type { HttpClient } from '../http/client.ts'
import { readDryRun } from './dry-run.ts'
import { type FoundBase, findBase, layoutFolder } from './filesystem/find-base.ts'
import { readFilesystem } from './filesystem/read.ts'
import type { HashSettings, Reading } from './reading.ts'
import type { S3Failure } from './s3/refusal.ts'

/** What reading a storage needs from outside. */
export interface StorageOptions {
  /** As the setting `storage` names it. */
  root: string
  signal: AbortSignal
  progress: (change: { found?: number; done?: number }) => void
  now: () => number
  /** How long to wait before what looks wrong is read again, in milliseconds. */
  settleMs: number
  /** What is known of the next garbage collection; nothing by default. */
  gc?: KnownOptions
  /** The file with the output of a dry run, to be compared with the forecast. */
  dryRunFile?: string | undefined
  /** The container of a registry keeps its data there, so that an empty folder is that of a new one. */
  isOfRegistry?: boolean
  /** It is known to belong to a pull-through cache; else the storage itself tells, where it can. */
  isCache?: boolean
  /** What is hashed besides manifests and configurations. */
  hash?: HashSettings
  /** The bucket, if the root is in one. */
  bucket?: BucketSource
}

/** How to reach a bucket. */
interface BucketSource {
  location: S3Location
  openClient: () => HttpClient
  /** The most requests at once. */
  concurrency: number
}

/** Reads a registry's storage. Nothing is ever written to it. */
export async function observeStorage(options: StorageOptions): Promise<StorageFact> {
  if (options.bucket) return observeBucket(options.bucket, options)
  const { root, signal, progress, now, settleMs, isCache = false } = options
  const unseen = (why: string, remedies: Remedy[] = []): StorageFact => ({
    ...{ root, driver: 'filesystem' as const },
    layout: { seen: false, why, remedies, applies: true },
    unread: nothingUnread(),
  })
  const startedAt = now()
  const named = await findBase(root)
  const isNew = named.state === 'none' && named.isEmpty === true && options.isOfRegistry === true
  const found = isNew ? emptyBase(root) : named
  if (found.state === 'unreadable') return unseen(found.why, found.permission ? ['storage-access'] : [])
  if (found.state === 'none') {
    const { why, instead } = found
    return { ...unseen(why, ['storage-mount']), ...(instead === undefined ? {} : { instead }) }
  }
  try {
    const reading = await readFilesystem(found, {
      ...{ signal, isCache },
      isRemembered: options.hash?.isFull === true && options.hash.stateDir !== undefined,
      keepsAll: keepsAll(options),
      startedAt,
      onRead: () => progress({ found: 1, done: 1 }),
      pause: () => pause(settleMs, signal),
    })
    return await factOf(reading, startedAt, options)
  } catch (error) {
    if (signal.aborted && error === signal.reason)
      return unseen(error instanceof Error ? error.message : String(error))
    throw error
  }
}

/** Where a registry will begin that nothing was pushed to yet. */
const emptyBase = (root: string): Extract<FoundBase, { state: 'found' }> => ({
  ...{ state: 'found', base: join(root, layoutFolder), root, below: layoutFolder },
  lacks: ['blobs', 'repositories'],
})

/** All data is hashed, or compared with what the registry says of it. */
const keepsAll = ({ hash, dryRunFile }: StorageOptions): boolean =>
  hash?.isFull === true || dryRunFile !== undefined

/** Hashes what was read, where its driver can. */
const hashOf = ({ hash }: Reading, options: StorageOptions): Promise<Hashing | { why: string }> | undefined =>
  hash?.({ ...options, ...(options.hash ?? { isFull: false }) })

/** The facts of what was read; `readAt` is when that began. */
async function factOf(reading: Reading, readAt: number, options: StorageOptions): Promise<StorageFact> {
  const { root, now, gc = {}, dryRunFile } = options
  const readMs = now() - readAt
  const dryRun = dryRunFile === undefined ? undefined : await readDryRun(dryRunFile, reading.inventory)
  const hashing = await hashOf(reading, options)
  return storageFact({ root, readMs, readAt, gc, dryRun, ...reading, hashing })
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal }).catch(() => {})

/** Reads a registry's storage in a bucket, on connections of its own: its requests are no part of the path that images take. */
async function observeBucket(
  { location, openClient, concurrency }: BucketSource,
  options: StorageOptions,
): Promise<StorageFact> {
  const { root, progress, now, settleMs, signal, isCache = false } = options
  const startedAt = now()
  const client = openClient()
  try {
    // Loaded only where there is a bucket.
    const [{ openBucket }, { layoutKey, readBucket }, { observeMultipart }] = await Promise.all([
      import('./s3/bucket.ts'),
      import('./s3/reading.ts'),
      import('./s3/multipart.ts'),
    ])
    const bucket = openBucket({ client, location, concurrency, now })
    const reading = await readBucket({
      ...{ bucket, concurrency, progress, isCache, keepsAll: keepsAll(options), startedAt },
      pause: () => pause(settleMs, signal),
    })
    if (reading.seen) {
      const multipart = await observeMultipart(bucket, layoutKey(location), now())
      return { ...(await factOf(reading.value, startedAt, options)), multipart }
    }
    const why: S3Failure = reading.why
    return {
      ...{ root, driver: 's3' },
      layout: { seen: false, why: why.detail, remedies: [], applies: true },
      ...(why.advice === undefined ? {} : { advice: why.advice }),
      unread: nothingUnread(),
    }
  } finally {
    await client.close()
  }
}
