/** How a layer may be compressed, as its first bytes show. */
export const compressions = ['none', 'gzip', 'zstd', 'xz', 'bzip2'] as const
export type Compression = (typeof compressions)[number]

const magics: [Exclude<Compression, 'none' | 'zstd'>, Buffer][] = [
  ['gzip', Buffer.from([0x1f, 0x8b])],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])],
  ['bzip2', Buffer.from('BZh')],
]

/** The compression of a stream that begins with these bytes. */
export function compressionOf(start: Buffer): Compression {
  const found = magics.find(([, magic]) => start.subarray(0, magic.length).equals(magic))
  if (found) return found[0]
  return start.length >= 4 && isZstd(start.readUInt32LE(0)) ? 'zstd' : 'none'
}

/** RFC 8878: a frame's magic number, or that of a skippable frame (zstd:chunked may begin with one). */
const isZstd = (magic: number): boolean => magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50

/**
 * True for the media types that containerd unpacks as plain archives, whatever their bytes are (core/images/mediatypes.go,
 * `DiffCompression`). Of the others, and of Docker's plain type, it recognises the compression by the first bytes.
 */
export const isPlainType = (mediaType: string): boolean =>
  /^application\/vnd\.oci\.image\.layer\.(?:nondistributable\.)?v1\.tar$/.test(mediaType)

/** True for the media types of layers that are archives, however they are compressed. */
export const isArchiveType = (mediaType: string): boolean =>
  /^application\/vnd\.oci\.image\.layer\.(?:nondistributable\.)?v1\.tar(?:\+(?:gzip|zstd))?$/.test(
    mediaType,
  ) ||
  /^application\/vnd\.docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:\.(?:gzip|zstd))?$/.test(mediaType)
