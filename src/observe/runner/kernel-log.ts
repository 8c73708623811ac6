import { constants, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { setImmediate as turn } from 'node:timers/promises'
import type { FileText } from './host-access.ts'

/** The largest ring in use; Debian's is 128 KiB, servers set `log_buf_len=16M`. */
const ringLimit = 16 * 1024 * 1024
/** Longer than any record: the kernel refuses a shorter buffer with EINVAL. */
const recordLimit = 16 * 1024
/** Records read before others get their turn; one takes 2 µs so, and 25 µs through the thread pool. */
const batch = 512

/**
 * Reads /dev/kmsg to its end without waiting for more. Each read gives one record. EPIPE says that the ring has overtaken
 * us: the next read goes on with the oldest record there is, and the gap shows in the sequence numbers.
 */
export async function readKernelLog(limit = ringLimit): Promise<FileText> {
  let file: FileHandle | undefined
  try {
    file = await open('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK)
    return await drain(file.fd, limit)
  } catch (error) {
    return { ok: false, code: codeOf(error) }
  } finally {
    await file?.close()
  }
}

async function drain(fd: number, limit: number): Promise<FileText> {
  const buffer = Buffer.alloc(recordLimit)
  const records: string[] = []
  let size = 0
  let first = 0
  for (let count = 1; ; count += 1) {
    const record = nextRecord(fd, buffer)
    if (record === undefined) break
    records.push(record)
    size += record.length
    for (; size > limit && first < records.length - 1; first += 1) size -= records[first]?.length ?? 0
    // What is written while we read comes at the end: a kernel that writes faster than we read must not keep us.
    if (count >= maxRecords) break
    if (count % batch === 0) await turn()
  }
  return { ok: true, text: records.slice(first).join(''), truncated: first > 0 }
}

const maxRecords = 500_000

/** A record, or undefined at the end. */
function nextRecord(fd: number, buffer: Buffer): string | undefined {
  for (let overruns = 0; overruns < 100; overruns += 1) {
    try {
      const size = readSync(fd, buffer)
      return size === 0 ? undefined : buffer.toString('utf8', 0, size)
    } catch (error) {
      const code = codeOf(error)
      if (code === 'EAGAIN') return undefined
      if (code !== 'EPIPE') throw error
    }
  }
  return undefined
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
