import { execFileSync } from 'node:child_process'
import { gzipSync, zstdCompressSync } from 'node:zlib'

/** How the bytes of a layer are really packed, whatever its media type says. */
export const packings = {
  gzip: (tar: Buffer) => gzipSync(tar),
  /** Two gzip members, as pigz and estargz write them. */
  'gzip-members': (tar: Buffer) => Buffer.concat(halves(tar).map((half) => gzipSync(half))),
  zstd: (tar: Buffer) => zstdCompressSync(tar),
  /** Two frames and a skippable one, as zstd:chunked writes them. */
  'zstd-skippable': (tar: Buffer) => {
    const [first, second] = halves(tar).map((half) => zstdCompressSync(half))
    return Buffer.concat([first ?? tar, skippableFrame(Buffer.from('a table of contents')), second ?? tar])
  },
  none: (tar: Buffer) => tar,
  xz: (tar: Buffer) => execFileSync('xz', ['--stdout', '--threads=1'], { input: tar }),
  bzip2: (tar: Buffer) => execFileSync('bzip2', ['--stdout'], { input: tar }),
}

/** The name of a packing. */
export type Packing = keyof typeof packings

/** What is done to a layer's bytes after packing. The manifest is right about the damaged bytes: their digest and size. */
export const byteDamages = {
  none: (bytes: Buffer) => bytes,
  'trailing-zeros': (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(512)]),
  'trailing-garbage': (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('not a gzip member')]),
  /** Cut in its last bytes: the trailer of gzip, the checksum of zstd, the end of an archive. */
  'cut-trailer': (bytes: Buffer) => bytes.subarray(0, -4),
  'cut-half': (bytes: Buffer) => bytes.subarray(0, bytes.length / 2),
  /** The trailer of gzip is there and zero. */
  'zeroed-trailer': (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -8), Buffer.alloc(8)]),
  empty: () => Buffer.alloc(0),
}

/** The name of a damage to bytes. */
export type ByteDamage = keyof typeof byteDamages

function halves(tar: Buffer): Buffer[] {
  return [tar.subarray(0, tar.length / 2), tar.subarray(tar.length / 2)]
}

/** RFC 8878, section 3.1.2. */
function skippableFrame(content: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32LE(0x184d2a50, 0)
  header.writeUInt32LE(content.length, 4)
  return Buffer.concat([header, content])
}
