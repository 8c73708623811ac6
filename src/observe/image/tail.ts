import { gunzipSync } from 'node:zlib'
import type { BlobFact } from '../../facts/image.ts'

/**
 * How much of the end of a blob is requested. One byte proves that it is served; the others cost nothing in the same response, and
 * hold the trailer of gzip and the whole last member of those that end in an empty one.
 */
const tailBytes = 512

/** The first and the last byte of the end of a blob that is not empty. */
export const tailOf = (size: number): { first: number; last: number } => ({
  first: Math.max(0, size - tailBytes),
  last: size - 1,
})

/** CRC-32 and length of the content of a gzip member, at its end (RFC 1952, section 2.3.1). */
export interface GzipTrailer {
  crc32: number
  /** The length modulo 2^32. */
  isize: number
}

/** Deflate stores at most 258 bytes in 2 bits. */
const maxDeflateRatio = 1032
const trailerBytes = 8
/** Header, an empty block and the trailer. */
const minMemberBytes = 20

/**
 * The trailer at the end of a gzip stream of this size, if it cannot be one; undefined if it can. The last member may be a short one
 * after longer ones, so a small length is always possible. Empty last members are common: eStargz and BGZF end in one.
 */
export function impossibleTrailer(tail: Buffer, size: number): GzipTrailer | undefined {
  if (tail.length < trailerBytes) return { crc32: 0, isize: 0 }
  const crc32 = tail.readUInt32LE(tail.length - trailerBytes)
  const isize = tail.readUInt32LE(tail.length - 4)
  const trailer = { crc32, isize }
  if (size < minMemberBytes || isize > maxDeflateRatio * size) return trailer
  if (isize > 0 || endsInEmptyMember(tail)) return undefined
  // Content of exactly 4 GiB, or a multiple, has this length, too; a checksum of 0 as well is one case in four billion.
  const mayBeMultiple = maxDeflateRatio * size >= 2 ** 32
  return crc32 === 0 || !mayBeMultiple ? trailer : undefined
}

/** True if a member without content starts in these bytes and ends with them. */
function endsInEmptyMember(tail: Buffer): boolean {
  for (let at = tail.indexOf(memberStart); at >= 0; at = tail.indexOf(memberStart, at + 1)) {
    const member = tail.subarray(at)
    // zlib ignores what follows a member, so a member that ends here fails without its last byte.
    if (unpacksToNothing(member) && !unpacksToNothing(member.subarray(0, -1))) return true
  }
  return false
}

/** ID1, ID2 and CM of a gzip member. */
const memberStart = Buffer.from([0x1f, 0x8b, 8])

function unpacksToNothing(member: Buffer): boolean {
  try {
    return gunzipSync(member, { maxOutputLength: 1 }).length === 0
  } catch {
    return false
  }
}

/** What makes the end of a blob suspicious. */
export type Doubt = { what: 'gzip'; trailer: GzipTrailer } | { what: 'zeros' }

/**
 * Judges the end of a blob by its media type. zstd has no trailer, and a raw block, a run or a skippable frame may end in zeros
 * (RFC 8878, section 3.1), so there only a tail of nothing else is suspicious: a crash or a sparse copy leaves one.
 */
export function doubtOf(mediaType: string, tail: Buffer, size: number): Doubt | undefined {
  if (tail.length < Math.min(size, tailBytes)) return undefined
  if (isGzipType(mediaType)) {
    const trailer = impossibleTrailer(tail, size)
    return trailer && { what: 'gzip', trailer }
  }
  return mediaType.endsWith('+zstd') && tail.every((byte) => byte === 0) ? { what: 'zeros' } : undefined
}

const isGzipType = (mediaType: string): boolean => /[+.]gzip$/.test(mediaType)

/** The beginning and the end of a blob that is read whole. */
interface Ends {
  take: (chunk: Buffer) => void
  /** The trailer of a blob that begins as gzip does and cannot end so. */
  impossibleTrailer: (fact: Pick<BlobFact, 'descriptor'>) => GzipTrailer | undefined
}

/** Keeps the first and the last bytes of a stream. */
export function followEnds(): Ends {
  let start = Buffer.alloc(0)
  let tail = Buffer.alloc(0)
  return {
    take: (chunk) => {
      if (start.length < 2) start = Buffer.concat([start, chunk.subarray(0, 2)])
      // A copy, so that the chunk can be freed.
      tail = Buffer.concat([chunk.length < tailBytes ? tail : Buffer.alloc(0), chunk.subarray(-tailBytes)])
      tail = tail.subarray(-tailBytes)
    },
    impossibleTrailer: ({ descriptor: { mediaType, size } }) => {
      if (start[0] !== 0x1f || start[1] !== 0x8b) return undefined
      const doubt = doubtOf(mediaType, tail, size)
      return doubt?.what === 'gzip' ? doubt.trailer : undefined
    },
  }
}
