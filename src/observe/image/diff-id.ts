import { createHash } from 'node:crypto'
import type { BlobFact } from '../../facts/image.ts'
import { gunzip, type Unpacker } from './unpack.ts'

/** Computes the digest of what a layer unpacks to, from the same bytes that are being hashed. */
export interface DiffId {
  take: (chunk: Buffer) => Promise<void>
  end: () => Promise<NonNullable<BlobFact['diffId']>>
  /** Gives up a layer that did not come to its end, and its place at the decoder. */
  abandon: () => Promise<void>
}

/** So much of a layer is kept before a decoder is asked for: a small layer must not hold its place while it loads. */
const gatherBytes = 256 * 1024

/** Real layers unpack to ten times their size or less; sparse ones may be small, and are let be. */
const bombRatio = 200
const bombBytes = 1024 ** 3

/**
 * Starts a diff id (image-spec, config.md, "Layer DiffID"). The first bytes tell the compression: media types lie
 * more often than magic numbers.
 */
export function createDiffId(zstd: (see: (plain: Buffer) => void) => Unpacker): DiffId {
  const hash = createHash('sha256')
  let packed = 0
  let unpacked = 0
  let bomb = false
  const see = (plain: Buffer) => {
    unpacked += plain.length
    bomb ||= unpacked > bombBytes && unpacked > packed * bombRatio
    if (!bomb) hash.update(plain)
  }
  let gathered: Buffer[] | undefined = []
  let size = 0
  let unpacker: Unpacker | undefined

  const write = async (chunk: Buffer) => {
    packed += chunk.length
    if (bomb) return
    if (unpacker) await unpacker.write(chunk)
    else see(chunk)
  }
  const start = async () => {
    const first = Buffer.concat(gathered ?? [])
    gathered = undefined
    if (first[0] === 0x1f && first[1] === 0x8b) unpacker = gunzip(see)
    else if (first.length >= 4 && isZstd(first.readUInt32LE(0))) unpacker = zstd(see)
    await write(first)
  }

  return {
    take: async (chunk) => {
      if (!gathered) return write(chunk)
      gathered.push(chunk)
      size += chunk.length
      if (size >= gatherBytes) await start()
    },
    end: async () => {
      if (gathered) await start()
      const failure = await unpacker?.end()
      if (bomb)
        return { ok: false, kind: 'limit', problem: `it unpacks to more than ${bombRatio} times its size` }
      return failure ? { ok: false, ...failure } : { ok: true, value: `sha256:${hash.digest('hex')}` }
    },
    abandon: async () => {
      await unpacker?.end()
    },
  }
}

/** RFC 8878: a frame's magic number, or that of a skippable frame (zstd:chunked may begin with one). */
const isZstd = (magic: number): boolean => magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50
