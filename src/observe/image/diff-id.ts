import { createHash } from 'node:crypto'
import type { BlobFact } from '../../facts/image.ts'
import { gunzip, type Unpacker } from './unpack.ts'

/** Computes the digest of the unpacked content of a layer, from the same stream that is hashed. */
export interface DiffId {
  take: (chunk: Buffer) => Promise<void>
  end: () => Promise<NonNullable<BlobFact['diffId']>>
  /** Discards a layer that was not received completely, and frees the decoder. */
  abandon: () => Promise<void>
}

/** How much of a layer is buffered before it takes the decoder, so that a small layer does not occupy it while it downloads. */
const bufferBytes = 256 * 1024

/** Real layers unpack to at most ten times their size, except sparse ones: these are tolerated up to `bombBytes`. */
const bombRatio = 200
const bombBytes = 1024 ** 3

/**
 * Starts a diff id (image-spec, config.md, "Layer DiffID"). The first bytes determine the compression: media types are
 * wrong more often than magic numbers.
 */
export function createDiffId(zstd: (onData: (plain: Buffer) => void) => Unpacker): DiffId {
  const hash = createHash('sha256')
  let packed = 0
  let unpacked = 0
  let bomb = false
  const onData = (plain: Buffer) => {
    unpacked += plain.length
    bomb ||= unpacked > bombBytes && unpacked > packed * bombRatio
    if (!bomb) hash.update(plain)
  }
  let buffered: Buffer[] | undefined = []
  let bufferedBytes = 0
  let unpacker: Unpacker | undefined

  const write = async (chunk: Buffer) => {
    packed += chunk.length
    if (bomb) return
    if (unpacker) await unpacker.write(chunk)
    else onData(chunk)
  }
  const start = async () => {
    const first = Buffer.concat(buffered ?? [])
    buffered = undefined
    if (first[0] === 0x1f && first[1] === 0x8b) unpacker = gunzip(onData)
    else if (first.length >= 4 && isZstd(first.readUInt32LE(0))) unpacker = zstd(onData)
    await write(first)
  }

  return {
    take: async (chunk) => {
      if (!buffered) return write(chunk)
      buffered.push(chunk)
      bufferedBytes += chunk.length
      if (bufferedBytes >= bufferBytes) await start()
    },
    end: async () => {
      if (buffered) await start()
      const failure = await unpacker?.end()
      if (bomb)
        return { ok: false, kind: 'limit', problem: `unpacks to more than ${bombRatio} times its size` }
      return failure ? { ok: false, ...failure } : { ok: true, value: `sha256:${hash.digest('hex')}` }
    },
    abandon: async () => {
      await unpacker?.end()
    },
  }
}

/** RFC 8878: a frame's magic number, or that of a skippable frame (zstd:chunked may begin with one). */
const isZstd = (magic: number): boolean => magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50
