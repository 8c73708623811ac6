import type { Readable } from 'node:stream'

/** What a container without a terminal printed; `end` says why reading ended. */
export interface Output {
  stdout: string
  stderr: string
  end: 'complete' | 'too long' | 'not multiplexed' | 'truncated'
}

const stderrLimit = 16 * 1024

/**
 * Reads a container's output as an engine sends it: frames with a header of eight bytes, the first of which is the stream
 * (1 stdout, 2 stderr) and the last four the length. Keeps the beginning of stderr; more than `limit` bytes of stdout end
 * the reading. Never throws.
 */
export async function readMultiplexed(body: Readable, limit: number): Promise<Output> {
  const kept = { 1: { parts: [] as Buffer[], size: 0 }, 2: { parts: [] as Buffer[], size: 0 } }
  const done = (end: Output['end']): Output => {
    body.destroy()
    const text = (one: 1 | 2) => Buffer.concat(kept[one].parts).toString('utf8')
    return { stdout: text(1), stderr: text(2), end }
  }
  const header = Buffer.alloc(8)
  let headerSize = 0
  let left = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      let at = 0
      while (at < chunk.length) {
        if (left === 0) {
          const copied = chunk.copy(header, headerSize, at, at + 8 - headerSize)
          headerSize += copied
          at += copied
          if (headerSize < 8) break
          headerSize = 0
          left = header.readUInt32BE(4)
          if ((header[0] ?? 9) > 2 || header.readUIntBE(1, 3) !== 0) return done('not multiplexed')
          continue
        }
        const part = chunk.subarray(at, at + left)
        at += part.length
        left -= part.length
        const stream = kept[header[0] === 2 ? 2 : 1]
        if (stream === kept[1] && stream.size + part.length > limit) return done('too long')
        if (stream === kept[2] && stream.size >= stderrLimit) continue
        stream.parts.push(Buffer.from(part))
        stream.size += part.length
      }
    }
  } catch {
    return done('truncated')
  }
  return done(left === 0 && headerSize === 0 ? 'complete' : 'truncated')
}
