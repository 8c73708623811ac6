import { randomUUID } from 'node:crypto'
import { open, readFile, rm, utimes } from 'node:fs/promises'
import * as z from 'zod'
import type { Owner } from './owner.ts'

/** So often a lock is renewed. One that was not for so long, as another process saw it, belongs to a process that is gone. */
const renewMs = 5_000
export const staleMs = 60_000

const content = z.object({
  token: z.string(),
  pid: z.number(),
  host: z.string(),
  space: z.string().exactOptional(),
  started: z.string().exactOptional(),
})

interface Holder extends Partial<z.infer<typeof content>> {
  /** Another one with each renewal. */
  stamp: string
}

export type Lock =
  | {
      state: 'taken'
      /** Whether no other process took it over, which one does that saw no renewal for a minute. */
      isOurs: () => Promise<boolean>
      release: () => Promise<void>
    }
  /** `isAlive`: it was seen that its process runs. */
  | { state: 'held'; by: string; isAlive: boolean }
  | { state: 'unwritable'; why: string }

/**
 * Tries to take a lock file, again and again. Whether the process that holds one still runs is known within one space of process numbers.
 * From another container or host only its renewals show it: no clock is trusted, neither that of a file server nor that of another
 * host, so that one is watched until it was renewed, or was not for a minute. `elapsedMs`: a clock that is never set.
 */
export function createLocker(
  path: string,
  owner: Owner,
  elapsedMs: () => number = () => performance.now(),
): { attempt: () => Promise<Lock> } {
  let watched: { stamp: string; since: number; hasMoved: boolean } | undefined
  const attempt = async (): Promise<Lock> => {
    try {
      const holder = await holderOf(path)
      if (holder) {
        if (holder.stamp !== watched?.stamp)
          watched = { stamp: holder.stamp, since: elapsedMs(), hasMoved: watched !== undefined }
        const runs = isRunning(holder, owner)
        const isGone = runs === false || (runs === undefined && elapsedMs() - watched.since >= staleMs)
        if (!isGone) {
          const { pid, host } = holder
          const by = pid === undefined ? 'another process' : `process ${pid} on ${host}`
          return { state: 'held', by, isAlive: runs ?? watched.hasMoved }
        }
        await rm(path, { force: true })
      }
      watched = undefined
      return await create(path, owner)
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return { state: 'held', by: 'another process', isAlive: true }
      return { state: 'unwritable', why: error instanceof Error ? error.message : String(error) }
    }
  }
  return { attempt }
}

/** Whether the process that holds a lock runs; undefined where that cannot be told from here. */
function isRunning({ pid, host, space, started }: Holder, owner: Owner): boolean | undefined {
  if (pid === undefined) return undefined
  if (space !== undefined && owner.space !== undefined)
    return space === owner.space ? started !== undefined && owner.startedAt(pid) === started : undefined
  // Without `/proc`. A process with our number may be that of another container with the same name.
  return host === owner.host && pid !== owner.pid && !owner.isAlive(pid) ? false : undefined
}

async function create(path: string, { pid, host, space, startedAt }: Owner): Promise<Lock> {
  const token = randomUUID()
  const started = startedAt(pid)
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(
      JSON.stringify({
        ...{ token, pid, host },
        ...(space === undefined ? {} : { space }),
        ...(started === undefined ? {} : { started }),
      }),
    )
  } catch (error) {
    // On a full disk an empty lock would keep everybody out.
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
  const isOurs = async (): Promise<boolean> => (await holderOf(path).catch(() => undefined))?.token === token
  const renew = async () => {
    if (await isOurs()) await utimes(path, new Date(), new Date())
  }
  const timer = setInterval(() => void renew().catch(() => {}), renewMs)
  timer.unref()
  return {
    ...{ state: 'taken', isOurs },
    release: async () => {
      clearInterval(timer)
      if (await isOurs()) await rm(path, { force: true }).catch(() => {})
    },
  }
}

/** Opened and then asked, so that a file server is asked and no cache. */
async function holderOf(path: string): Promise<Holder | undefined> {
  try {
    const file = await open(path, 'r')
    try {
      const { mtimeMs } = await file.stat()
      const text = await readFile(file, 'utf8')
      const parsed = content.safeParse(parse(text))
      return { ...(parsed.success ? parsed.data : {}), stamp: `${mtimeMs} ${text}` }
    } finally {
      await file.close()
    }
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
