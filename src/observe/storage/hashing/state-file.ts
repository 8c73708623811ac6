import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as z from 'zod'
import { createDirectory } from '../../create-directory.ts'

const heading = z.object({ regguard: z.literal('hashes'), version: z.literal(1) })

const entrySchema = z.object({
  digest: z.string(),
  size: z.number(),
  /** Of the file when it was hashed, in milliseconds. */
  modified: z.number(),
  changed: z.number(),
  inode: z.number(),
  /** When it was hashed, in milliseconds. */
  at: z.number(),
  /** The digest that the content has, if it is another one. */
  actual: z.string().exactOptional(),
})
/** What one line of the state says: that a file was hashed. */
export type StateEntry = z.infer<typeof entrySchema>

/** The state of hashing between runs: one line of JSON for each file. */
export interface HashState {
  /** Adds a line. Lines are on disk at the latest when the state is closed. */
  add: (entry: StateEntry) => Promise<void>
  /** Returns why lines could not be written; undefined if all were. */
  close: () => Promise<string | undefined>
}

/** A lock that was not renewed for so long belongs to a run that is gone. */
const lockMs = 120_000
const renewMs = 20_000

/** So much text, or what came together in so long a time, is written and forced to the disk at once. */
const flushLength = 64 * 1024
const flushMs = 30_000

/**
 * Opens the state in a folder, for one run at a time. `keep` says for each entry whether it still holds; the others are dropped when
 * the file is written anew. `lost` says why earlier entries are unknown: then everything is hashed again.
 */
export async function openState(
  folder: string,
  keep: (entry: StateEntry) => boolean,
  now: () => number,
): Promise<{ ok: true; state: HashState; lost?: string } | { ok: false; why: string }> {
  const file = join(folder, 'regguard-hashes.jsonl')
  const lock = await takeLock(folder, now)
  if (!lock.ok) return lock
  try {
    const draft = `${file}.partial`
    const writer = await open(draft, 'w', 0o600)
    const lines = createLines(writer, now)
    const lost = await copyEntries(file, lines, keep)
    await lines.flush()
    await rename(draft, file)
    return { ok: true, state: stateOf(lines, writer, lock.release), ...(lost === undefined ? {} : { lost }) }
  } catch (error) {
    await lock.release()
    return { ok: false, why: `state_dir cannot be written: ${messageOf(error)}` }
  }
}

/** Lines on their way into a file. */
interface Lines {
  add: (line: string) => Promise<void>
  flush: () => Promise<void>
}

function createLines(writer: FileHandle, now: () => number): Lines {
  let waiting = ''
  let flushedAt = now()
  const flush = async () => {
    const text = waiting
    waiting = ''
    flushedAt = now()
    await writer.appendFile(text)
    await writer.datasync()
  }
  return {
    flush,
    add: async (line) => {
      waiting += `${line}\n`
      if (waiting.length >= flushLength || now() - flushedAt >= flushMs) await flush()
    },
  }
}

function stateOf(lines: Lines, writer: FileHandle, release: () => Promise<void>): HashState {
  let failed: string | undefined
  const attempt = (write: Promise<void>) =>
    write.catch((error: unknown) => {
      failed ??= `state_dir cannot be written: ${messageOf(error)}`
    })
  return {
    add: (entry) => attempt(lines.add(JSON.stringify(entry))),
    close: async () => {
      await attempt(lines.flush())
      await writer.close()
      await release()
      return failed
    },
  }
}

/** Copies what still holds; returns why earlier entries are unknown. The last line may have been cut off by the end of a run. */
async function copyEntries(
  file: string,
  lines: Lines,
  keep: (entry: StateEntry) => boolean,
): Promise<string | undefined> {
  await lines.add(JSON.stringify({ regguard: 'hashes', version: 1 }))
  let number = 0
  let broken: number | undefined
  try {
    for await (const line of createInterface({
      input: createReadStream(file),
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      number += 1
      if (broken !== undefined) return `line ${broken} of ${file} is not valid, and what follows is not known`
      const json = parsed(line)
      if (number === 1) {
        if (!heading.safeParse(json).success) return `${file} is not a state of this version of regguard`
        continue
      }
      const entry = entrySchema.safeParse(json)
      if (!entry.success) broken = number
      else if (keep(entry.data)) await lines.add(line)
    }
    return undefined
  } catch (error) {
    return codeIn(error) === 'ENOENT' ? undefined : `${file} cannot be read: ${messageOf(error)}`
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Takes the lock of a folder, which is renewed until it is released. */
async function takeLock(
  folder: string,
  now: () => number,
): Promise<{ ok: true; release: () => Promise<void> } | { ok: false; why: string }> {
  const path = join(folder, 'regguard-hashes.lock')
  const cannot = (error: unknown) => ({
    ok: false as const,
    why: `state_dir cannot be written: ${messageOf(error)}`,
  })
  try {
    await createDirectory(folder)
  } catch (error) {
    return cannot(error)
  }
  try {
    const held = await stat(path).catch(() => undefined)
    if (held && now() - held.mtimeMs < lockMs)
      return { ok: false, why: `another run is hashing: it holds ${path}` }
    if (held) await rm(path, { force: true })
    await (await open(path, 'wx', 0o600)).close()
  } catch (error) {
    if (codeIn(error) !== 'EEXIST') return cannot(error)
    return { ok: false, why: `another run is hashing: it holds ${path}` }
  }
  const timer = setInterval(() => void utimes(path, now() / 1000, now() / 1000).catch(() => {}), renewMs)
  timer.unref()
  return {
    ok: true,
    release: async () => {
      clearInterval(timer)
      await rm(path, { force: true })
    },
  }
}

const codeIn = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
