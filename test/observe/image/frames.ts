import { createHash } from 'node:crypto'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'

/** The digest of some bytes. */
export const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** Content of different compressibility: random, one repeated byte, repeating text, or empty. */
const content = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(fc.nat(255), fc.nat(300_000)).map(([byte, length]) => Buffer.alloc(length, byte)),
  fc
    .tuple(fc.string({ minLength: 1, maxLength: 40 }), fc.nat(50_000))
    .map(([text, length]) => Buffer.alloc(length, text)),
)

/** A part of a stream: its packed and unpacked bytes. */
export type Part = { packed: Buffer; plain: Buffer }

const frame = fc
  .record({ plain: content, checksum: fc.boolean(), sized: fc.boolean(), level: fc.constantFrom(1, 3, 12) })
  .map(({ plain, checksum, sized, level }): Part => {
    const params = {
      [constants.ZSTD_c_checksumFlag]: checksum ? 1 : 0,
      [constants.ZSTD_c_contentSizeFlag]: sized ? 1 : 0,
      [constants.ZSTD_c_compressionLevel]: level,
    }
    return { packed: zstdCompressSync(plain, { params }), plain }
  })

/** A skippable frame (RFC 8878, section 3.1.2): every decoder skips it. zstd:chunked stores its index there. */
export function skippable(content: Buffer, kind = 0): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32LE(0x184d2a50 + kind, 0)
  header.writeUInt32LE(content.length, 4)
  return Buffer.concat([header, content])
}

const skipped = fc
  .tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(15))
  .map(([bytes, kind]): Part => ({ packed: skippable(Buffer.from(bytes), kind), plain: Buffer.alloc(0) }))

/** Any zstd stream of several frames. */
export const zstdParts = fc.array(
  fc.oneof({ weight: 3, arbitrary: frame }, { weight: 1, arbitrary: skipped }),
  { minLength: 1, maxLength: 6 },
)

/** Any gzip stream of several members. */
export const gzipParts = fc.array(
  content.map((plain): Part => ({ packed: gzipSync(plain), plain })),
  { minLength: 1, maxLength: 4 },
)

export const packedOf = (parts: Part[]): Buffer => Buffer.concat(parts.map(({ packed }) => packed))
export const plainOf = (parts: Part[]): Buffer => Buffer.concat(parts.map(({ plain }) => plain))

/** How to cut a stream into chunks: a list of lengths that repeats. */
export const chunkLengths: fc.Arbitrary<number[]> = fc.oneof(
  fc.constant<number[]>([1]),
  fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 10 }),
  fc.constant<number[]>([65_536]),
)

/** Cuts a stream into chunks. Only the first 3000 chunks may be short, so that no test takes long. */
export function chunksOf(bytes: Buffer, lengths: number[]): Buffer[] {
  const chunks: Buffer[] = []
  let at = 0
  for (let turn = 0; at < bytes.length; turn += 1) {
    const length = turn > 3000 ? 65_536 : (lengths[turn % lengths.length] ?? 1)
    chunks.push(bytes.subarray(at, at + length))
    at += length
  }
  return chunks
}
