import type { Hashing } from '../../storage/hashes.ts'
import type { Inventory } from '../../storage/inventory.ts'
import type { LayoutFact, StorageFact } from '../../storage.ts'
import type { DryRunReader, KnownOptions } from './forecast/dry-run.ts'
import { forecastOf } from './forecast/forecast.ts'
import { judgeStorage } from './judge/judge.ts'
import { linkedManifests } from './linked-manifests.ts'

/** What was read of a storage. */
export interface StorageInput {
  root: string
  base: LayoutFact['base']
  lacks: LayoutFact['lacks']
  inventory: Inventory
  unread: StorageFact['unread']
  wrongOwner?: LayoutFact['wrongOwner']
  /** How long reading took, in milliseconds. */
  readMs: number
  /** When it was read, in milliseconds. */
  readAt: number
  /** What is known of the next garbage collection. */
  gc: KnownOptions
  /** The text of a dry run, if one was given. */
  dryRun?: DryRunReader | undefined
  /** What hashing showed, or why it was not done. */
  hashing: Hashing | { why: string } | undefined
}

/** The facts of a storage, from all that was read of it. */
export function storageFact(input: StorageInput): StorageFact {
  const { root, base, lacks, inventory, unread, readMs, readAt, gc, dryRun, hashing, wrongOwner } = input
  const { driver, isCache } = inventory
  return {
    ...{ root, driver, unread },
    layout: {
      seen: true,
      from: root,
      value: {
        ...{ base, isCache, lacks, readMs, counts: countsOf(inventory) },
        ...(wrongOwner ? { wrongOwner } : {}),
      },
    },
    forecast: forecastOf(inventory, gc, dryRun, readAt),
    judged: judgeStorage(
      inventory,
      hashing && 'hashed' in hashing ? hashing.hashed : () => undefined,
      readAt,
    ),
    ...(hashing ? { hashes: hashesOf(hashing, root) } : {}),
  }
}

const hashesOf = (hashing: Hashing | { why: string }, root: string): NonNullable<StorageFact['hashes']> =>
  'why' in hashing
    ? { seen: false, why: hashing.why, remedies: [], applies: true }
    : { seen: true, from: root, value: hashing.fact }

function countsOf(inventory: Inventory): LayoutFact['counts'] {
  const { repositories, blobs } = inventory
  let { bytes } = blobs.unnamed()
  for (const digest of blobs.all()) bytes += blobs.size(digest) ?? 0
  const sum = (count: (repository: Inventory['repositories'][number]) => number) =>
    repositories.reduce((total, repository) => total + count(repository), 0)
  return {
    repositories: repositories.length,
    tags: sum(({ tags }) => tags.filter(({ current }) => current !== undefined).length),
    manifests: linkedManifests(inventory).size,
    blobs: blobs.count(),
    bytes,
    uploads: sum(({ uploads }) => uploads.length),
  }
}
