import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Inventory } from '../../src/facts/storage/inventory.ts'
import { findBase } from '../../src/observe/storage/filesystem/find-base.ts'
import { readFilesystem } from '../../src/observe/storage/filesystem/read.ts'
import { type Files, writeFiles } from './files.ts'

/** A file system in memory, where there is one: a storage is thousands of small files. */
const inMemory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A storage on disk. */
export interface RootOnDisk {
  /** The root of the storage, and of its layout. */
  root: string
  layout: string
  inventory: Inventory
}

/** Writes the files as a storage, reads it as a scan does, and removes it when `use` has ended. */
export async function withRoot<T>(files: Files, use: (made: RootOnDisk) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(inMemory, 'forecast-'))
  try {
    const layout = join(root, 'docker/registry/v2')
    writeFiles(layout, files)
    const found = await findBase(root)
    if (found.state !== 'found') throw new Error(`${root} is no storage`)
    const { inventory } = await readFilesystem(found, {
      signal: new AbortController().signal,
      onRead: () => {},
      pause: async () => {},
    })
    return await use({ root, layout, inventory })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
