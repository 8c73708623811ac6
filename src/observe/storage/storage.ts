import { setTimeout } from 'node:timers/promises'
import type { Remedy } from '../../core/remedy.ts'
import type { KnownOptions } from '../../facts/queries/storage/forecast/dry-run.ts'
import { storageFact } from '../../facts/queries/storage/storage-fact.ts'
import type { Hashing } from '../../facts/storage/hashes.ts'
import { nothingUnread, type StorageFact } from '../../facts/storage.ts'
import { createMinorGc } from '../http/minor-gc.ts'
import { readDryRun } from './dry-run.ts'
import { findBase } from './filesystem/find-base.ts'
import { readFilesystem } from './filesystem/read.ts'
import type { HashSettings, Reading } from './reading.ts'

/** About what reading one file leaves to be collected, in bytes: the memory would grow to twice as much (measured). */
const garbagePerFile = 1024

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
  /** What is hashed besides manifests and configurations. */
  hash?: HashSettings
}

/** Reads a registry's storage. Nothing is ever written to it. */
export async function observeStorage(options: StorageOptions): Promise<StorageFact> {
  const { root, signal, progress, now, settleMs, gc = {}, dryRunFile } = options
  const unseen = (why: string, remedies: Remedy[] = []): StorageFact => ({
    ...{ root, driver: 'filesystem' as const },
    layout: { seen: false, why, remedies, applies: true },
    unread: nothingUnread(),
  })
  const startedAt = now()
  const found = await findBase(root)
  if (found.state === 'unreadable') return unseen(found.why, found.permission ? ['storage-access'] : [])
  if (found.state === 'none') {
    const { why, instead } = found
    return { ...unseen(why, ['storage-mount']), ...(instead === undefined ? {} : { instead }) }
  }
  try {
    const sweep = createMinorGc()
    const reading = await readFilesystem(found, {
      signal,
      onRead: () => {
        sweep(garbagePerFile)
        progress({ found: 1, done: 1 })
      },
      pause: () => setTimeout(settleMs, undefined, { signal }).catch(() => {}),
    })
    const readMs = now() - startedAt
    const dryRun = dryRunFile === undefined ? undefined : await readDryRun(dryRunFile, reading.inventory)
    const hashing = await hashOf(reading, options)
    return storageFact({ root, readMs, readAt: startedAt, gc, dryRun, ...reading, hashing })
  } catch (error) {
    if (signal.aborted && error === signal.reason)
      return unseen(error instanceof Error ? error.message : String(error))
    throw error
  }
}

/** Hashes what was read, where its driver can. */
const hashOf = ({ hash }: Reading, options: StorageOptions): Promise<Hashing | { why: string }> | undefined =>
  hash?.({ ...options, ...(options.hash ?? { isFull: false }) })
