/** The position in a zstd stream, and where its frames end. */
export interface ZstdFrames {
  /** Splits a chunk after each frame that ends in it. */
  split: (chunk: Buffer) => Buffer[]
  /** True between frames: the stream may end here. */
  complete: () => boolean
  /** The largest window that a frame requires, in bytes: what a decoder must hold in memory. */
  windowBytes: () => number
}

type Part = 'magic' | 'skip-size' | 'skip' | 'descriptor' | 'header' | 'block' | 'body' | 'checksum'

/**
 * Follows the frames of a zstd stream (RFC 8878, section 3.1). Node's decoder drops everything after the end of a frame in the
 * same chunk (measured on 24.21), and zstd:chunked layers consist of many frames.
 */
export function followZstdFrames(): ZstdFrames {
  let part: Part = 'magic'
  // The bytes of the current field so far, and how many it has in all.
  let field = Buffer.alloc(0)
  let fieldBytes = 4
  let skipBytes = 0
  let isLastBlock = false
  let descriptor = 0
  let maxWindow = 0
  let broken = false

  const expect = (next: Part, bytes: number) => {
    part = next
    fieldBytes = bytes
    field = Buffer.alloc(0)
  }
  const skip = (next: Part, bytes: number) => {
    part = next
    skipBytes = bytes
  }
  const afterBlocks = () => (descriptor & 4 ? expect('checksum', 4) : expect('magic', 4))

  /** Processes a complete field; true at the end of a frame. */
  const fieldDone = (): boolean => {
    if (part === 'magic') {
      const magic = field.readUInt32LE(0)
      if ((magic & 0xfffffff0) >>> 0 === 0x184d2a50) expect('skip-size', 4)
      else if (magic === 0xfd2fb528) expect('descriptor', 1)
      else broken = true
    } else if (part === 'skip-size') {
      skip('skip', field.readUInt32LE(0))
      if (skipBytes === 0) expect('magic', 4)
      return skipBytes === 0
    } else if (part === 'descriptor') {
      descriptor = field.readUInt8(0)
      expect('header', headerBytes(descriptor))
    } else if (part === 'header') {
      maxWindow = Math.max(maxWindow, windowOf(descriptor, field))
      expect('block', 3)
    } else if (part === 'block') {
      const header = field.readUIntLE(0, 3)
      isLastBlock = (header & 1) === 1
      // A run-length block stores one byte, however many it unpacks to.
      skip('body', ((header >> 1) & 3) === 1 ? 1 : header >> 3)
      if (skipBytes === 0) return blockDone()
    } else {
      expect('magic', 4)
      return true
    }
    return false
  }
  const blockDone = (): boolean => {
    if (isLastBlock) afterBlocks()
    else expect('block', 3)
    return isLastBlock && part === 'magic'
  }

  return {
    split: (chunk) => {
      const pieces: Buffer[] = []
      let from = 0
      let at = 0
      while (at < chunk.length && !broken) {
        let ended = false
        if (part === 'skip' || part === 'body') {
          const step = Math.min(skipBytes, chunk.length - at)
          at += step
          skipBytes -= step
          if (skipBytes === 0 && part === 'skip') {
            expect('magic', 4)
            ended = true
          } else if (skipBytes === 0) ended = blockDone()
        } else {
          const step = Math.min(fieldBytes - field.length, chunk.length - at)
          field = Buffer.concat([field, chunk.subarray(at, at + step)])
          at += step
          if (field.length === fieldBytes) ended = fieldDone()
        }
        if (ended) {
          pieces.push(chunk.subarray(from, at))
          from = at
        }
      }
      if (from < chunk.length) pieces.push(chunk.subarray(from))
      return pieces
    },
    complete: () => !broken && part === 'magic' && field.length === 0,
    windowBytes: () => maxWindow,
  }
}

const contentSizeBytes = (descriptor: number): number => {
  const flag = descriptor >> 6
  return flag === 0 ? (descriptor & 0x20 ? 1 : 0) : 2 ** flag
}
const dictionaryBytes = (descriptor: number): number => [0, 1, 2, 4][descriptor & 3] ?? 0

function headerBytes(descriptor: number): number {
  return (descriptor & 0x20 ? 0 : 1) + dictionaryBytes(descriptor) + contentSizeBytes(descriptor)
}

/** The window descriptor, or the content size if the frame is a single segment (RFC 8878, 3.1.1.1.2). */
function windowOf(descriptor: number, header: Buffer): number {
  if (!(descriptor & 0x20)) {
    const byte = header.readUInt8(0)
    const base = 2 ** (10 + (byte >> 3))
    return base + (base / 8) * (byte & 7)
  }
  const at = dictionaryBytes(descriptor)
  const bytes = contentSizeBytes(descriptor)
  if (bytes === 8) return Number(header.readBigUInt64LE(at))
  return header.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0)
}
