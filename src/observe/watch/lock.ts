import { open, readFile, rm, stat, utimes } from 'node:fs/promises'
import * as z from 'zod'

/** A process: its number means something on one host only. */
export interface Owner {
  pid: number
  host: string
  /** Whether a process of this host runs. */
  isAlive: (pid: number) => boolean
}

/** A lock of another host that was not renewed for so long belongs to a process that is gone. */
const staleMs = 120_000
const renewMs = 20_000

const content = z.object({ pid: z.number(), host: z.string() })

export type Lock =
  | { state: 'taken'; release: () => Promise<void> }
  | { state: 'held'; by: string }
  | { state: 'unwritable'; why: string }

/** Takes a lock file, which is renewed until it is released. One that a killed process left is taken over. */
export async function takeLock(
  path: string,
  { pid, host, isAlive }: Owner,
  now: () => number,
): Promise<Lock> {
  try {
    const holder = await holderOf(path)
    if (holder) {
      const isOwnHost = holder.host === host
      // After a restart of its container a process may have the number of the one before.
      const isGone = isOwnHost ? holder.pid === pid || !isAlive(holder.pid) : now() - holder.at >= staleMs
      if (!isGone) return { state: 'held', by: `process ${holder.pid} on ${holder.host}` }
      await rm(path, { force: true })
    }
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(JSON.stringify({ pid, host }))
    await file.close()
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return { state: 'held', by: 'another process' }
    return { state: 'unwritable', why: error instanceof Error ? error.message : String(error) }
  }
  const timer = setInterval(() => void utimes(path, now() / 1000, now() / 1000).catch(() => {}), renewMs)
  timer.unref()
  return {
    state: 'taken',
    release: async () => {
      clearInterval(timer)
      await rm(path, { force: true }).catch(() => {})
    },
  }
}

async function holderOf(path: string): Promise<{ pid: number; host: string; at: number } | undefined> {
  try {
    const { mtimeMs: at } = await stat(path)
    const parsed = content.safeParse(parse(await readFile(path, 'utf8')))
    return { ...(parsed.success ? parsed.data : { pid: -1, host: '' }), at }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined
