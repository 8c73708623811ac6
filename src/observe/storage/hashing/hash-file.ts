import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { codeOf } from '../filesystem/disk.ts'

/** What hashing a file showed. `changed`: it was written to meanwhile, or is gone. */
export type FileHash = { state: 'hashed'; hex: string; bytes: number } | { state: 'changed' | 'unreadable' }

/** How fast files may be read. */
export interface Throttle {
  /** Waits until so many more bytes may have been read. */
  after: (bytes: number) => Promise<void>
}

const chunkBytes = 1024 * 1024
const { O_RDONLY, O_NOFOLLOW } = constants

/** Makes a function that hashes one file at a time, through one buffer. Rejects with the reason of `signal` once that aborts. */
export function createFileHasher({ after }: Throttle, signal: AbortSignal) {
  const buffer = Buffer.allocUnsafeSlow(chunkBytes)
  return async (path: string, algorithm: string): Promise<FileHash> => {
    signal.throwIfAborted()
    try {
      const file = await open(path, O_RDONLY | O_NOFOLLOW)
      try {
        const before = await file.stat()
        const hash = createHash(algorithm)
        let bytes = 0
        for (;;) {
          const { bytesRead } = await file.read(buffer, 0, chunkBytes, bytes)
          if (bytesRead === 0) break
          hash.update(buffer.subarray(0, bytesRead))
          bytes += bytesRead
          await after(bytesRead)
          signal.throwIfAborted()
        }
        const now = await file.stat()
        const isSame = now.size === before.size && now.mtimeMs === before.mtimeMs && now.size === bytes
        return isSame ? { state: 'hashed', hex: hash.digest('hex'), bytes } : { state: 'changed' }
      } finally {
        await file.close()
      }
    } catch (error) {
      return codeOf(error) === 'ENOENT' ? { state: 'changed' } : { state: 'unreadable' }
    }
  }
}

/** Keeps to a number of bytes a second, if there is one. */
export function createThrottle(
  bytesPerSecond: number | undefined,
  now: () => number,
  signal: AbortSignal,
): Throttle {
  let free = now()
  return {
    after: async (bytes) => {
      if (bytesPerSecond === undefined) return
      free = Math.max(free, now() - 1000) + (bytes / bytesPerSecond) * 1000
      const wait = free - now()
      if (wait > 0) await setTimeout(wait, undefined, { signal }).catch(() => {})
    },
  }
}
