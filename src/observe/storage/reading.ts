import type { WritableBlobTable } from '../../facts/queries/storage/blob-table.ts'
import type { Hashing } from '../../facts/storage/hashes.ts'
import type { Inventory } from '../../facts/storage/inventory.ts'
import type { LayoutFact, StorageFact } from '../../facts/storage.ts'

/** What was read of a storage, and what could not be read. */
export interface Reading {
  inventory: Inventory & { blobs: WritableBlobTable }
  base: LayoutFact['base']
  lacks: LayoutFact['lacks']
  unread: StorageFact['unread']
  wrongOwner?: LayoutFact['wrongOwner']
  /** Hashes its data, where that is possible; or says why it was not. */
  hash?: (options: HashOptions) => Promise<Hashing | { why: string }>
}

/** What is hashed besides manifests and configurations, which always are. */
export interface HashSettings {
  /** All other data, too. */
  isFull: boolean
  /** How fast, in bytes a second. */
  rate?: number | undefined
  /** How much in one run: in bytes, or in milliseconds. */
  budget?: { bytes: number } | { ms: number } | undefined
  /** The folder that remembers what was hashed. */
  stateDir?: string | undefined
}

export interface HashOptions extends HashSettings {
  signal: AbortSignal
  now: () => number
  progress: (change: { found?: number; done?: number }) => void
}
