import { constants, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import type { FileText } from './host-access.ts'

/** The largest ring buffer in use; Debian's is 128 KiB, servers set `log_buf_len=16M`. */
const ringLimit = 16 * 1024 * 1024
/** Longer than any record: the kernel refuses a shorter buffer with EINVAL. */
const recordLimit = 16 * 1024
/** Records read synchronously before yielding to the event loop; one takes 2 µs, through the thread pool 25 µs. */
const batch = 512

/**
 * Reads /dev/kmsg to its end without waiting for more. Each read returns one record. EPIPE means that the next record has been
 * overwritten: the following read continues with the oldest one left, and the gap shows in the sequence numbers.
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
    // New records are appended while we read: a kernel that logs faster than that must not keep us here.
    if (count >= maxRecords) break
    if (count % batch === 0) await yieldToEventLoop()
  }
  return { ok: true, text: records.slice(first).join(''), truncated: first > 0 }
}

const maxRecords = 500_000

/** The next record, or undefined at the end. */
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
