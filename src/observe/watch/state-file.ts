import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createStateReader, stateLines } from '../../facts/watch/lines.ts'
import { emptyState, type RegistryState } from '../../facts/watch/state.ts'
import { createDirectory } from '../create-directory.ts'
import { createLocker, type Lock } from './lock.ts'
import type { Owner } from './owner.ts'

/** Where the state of one registry is kept. */
export interface StateStore {
  /** Reads the state, or begins a new one; `lost` says why what was there is not used. */
  load: () => Promise<{ state: RegistryState; lost?: string }>
  /** Replaces the state. Returns why it could not be written; what was there before stays. */
  save: (state: RegistryState) => Promise<string | undefined>
  /** Tries to keep other processes out. */
  lock: () => Promise<Lock>
}

/** So much text is written at once. */
const chunkLength = 256 * 1024

/** A store in memory: after a restart everything is read anew. */
export const memoryStore = (registry: string): StateStore => ({
  load: async () => ({ state: emptyState(registry) }),
  save: async () => undefined,
  lock: async () => ({ state: 'taken', isOurs: async () => true, release: async () => {} }),
})

/** A store in a folder: one file for each registry and shard. */
export function fileStore(
  folder: string,
  registry: string,
  shard: { index: number; total: number },
  owner: Owner,
): StateStore {
  const name = `regguard-watch-${fileName(registry)}${shard.total > 1 ? `-${shard.index}-of-${shard.total}` : ''}`
  const file = join(folder, `${name}.jsonl`)
  const locker = createLocker(join(folder, `${name}.lock`), owner)
  return {
    load: async () => {
      const read = await readState(file, registry)
      if (read === undefined) return { state: emptyState(registry) }
      return read.ok ? { state: read.state } : { state: emptyState(registry), lost: `${file} ${read.why}` }
    },
    save: async (state) => {
      try {
        await replace(file, stateLines(state))
        return undefined
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    },
    lock: async () => {
      const made = await createDirectory(folder).catch((error: unknown) => error)
      if (made instanceof Error) return { state: 'unwritable', why: made.message }
      return locker.attempt()
    },
  }
}

/** Ports and IPv6 addresses have characters that are no part of a file's name everywhere. */
const fileName = (registry: string): string =>
  /^[\w.-]+$/.test(registry)
    ? registry
    : `${registry.replace(/[^\w.-]+/g, '_')}-${createHash('sha256').update(registry).digest('hex').slice(0, 8)}`

async function readState(file: string, registry: string) {
  const reader = createStateReader(registry)
  try {
    const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })
    for await (const line of lines) if (!reader.take(line)) break
  } catch (error) {
    // ENOTDIR: state_dir, or what it is in, is a file, of which `lock` tells.
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    return { ok: false as const, why: `cannot be read: ${error instanceof Error ? error.message : error}` }
  }
  return reader.end()
}

/** The new file is complete on the disk before it takes the place of the old one. */
async function replace(file: string, lines: Iterable<string>): Promise<void> {
  const draft = `${file}.tmp`
  const writer = await open(draft, 'w', 0o600)
  try {
    let waiting = ''
    for (const line of lines) {
      waiting += `${line}\n`
      if (waiting.length < chunkLength) continue
      await writer.writeFile(waiting)
      waiting = ''
    }
    await writer.writeFile(waiting)
    await writer.sync()
  } catch (error) {
    await writer.close()
    await rm(draft, { force: true })
    throw error
  }
  await writer.close()
  await rename(draft, file)
  await syncFolder(join(file, '..'))
}

/** The rename itself must survive, too. Not every file system can do that for a folder. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}
