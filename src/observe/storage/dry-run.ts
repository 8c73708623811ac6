import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createDryRunReader, type DryRunReader } from '../../facts/queries/storage/forecast/dry-run.ts'
import type { Inventory } from '../../facts/storage/inventory.ts'

/** Reads the output of a dry run, which has a line for each blob. */
export async function readDryRun(path: string, inventory: Inventory): Promise<DryRunReader> {
  const reader = createDryRunReader(inventory)
  try {
    const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
    for await (const line of lines) reader.add(line)
  } catch (error) {
    reader.fail(`it cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  return reader
}
