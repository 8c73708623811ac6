import type { WritableBlobTable } from '../../facts/queries/storage/blob-table.ts'
import type { Inventory } from '../../facts/storage/inventory.ts'
import type { LayoutFact, StorageFact } from '../../facts/storage.ts'

/** What was read of a storage, and what could not be read. */
export interface Reading {
  inventory: Inventory & { blobs: WritableBlobTable }
  base: LayoutFact['base']
  lacks: LayoutFact['lacks']
  unread: StorageFact['unread']
}
