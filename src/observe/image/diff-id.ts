import { createHash } from 'node:crypto'
import type { BlobFact } from '../../facts/image.ts'
import { type Compression, compressionOf } from '../../oci/compression.ts'
import { followTar } from './tar.ts'
import { gunzip, type Unpacker } from './unpack.ts'

/** Unpacks a layer from the same stream that is hashed. */
export interface DiffId {
  take: (chunk: Buffer) => Promise<void>
  /** The digest of the unpacked content, and what was found on the way. */
  end: () => Promise<Required<Pick<BlobFact, 'diffId' | 'unpacked'>>>
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
  const archive = followTar()
  let packed = 0
  let unpacked = 0
  let bomb = false
  const onData = (plain: Buffer) => {
    unpacked += plain.length
    bomb ||= unpacked > bombBytes && unpacked > packed * bombRatio
    if (bomb) return
    hash.update(plain)
    archive.take(plain)
  }
  let buffered: Buffer[] | undefined = []
  let bufferedBytes = 0
  let compression: Compression = 'none'
  let unpacker: Unpacker | undefined

  const isSupported = () => compression !== 'xz' && compression !== 'bzip2'
  const write = async (chunk: Buffer) => {
    packed += chunk.length
    if (bomb || !isSupported()) return
    if (unpacker) await unpacker.write(chunk)
    else onData(chunk)
  }
  const start = async () => {
    const first = Buffer.concat(buffered ?? [])
    buffered = undefined
    compression = compressionOf(first)
    if (compression === 'gzip') unpacker = gunzip(onData)
    else if (compression === 'zstd') unpacker = zstd(onData)
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
      const broken = await unpacker?.end()
      const bombed = { kind: 'limit' as const, problem: `unpacks to more than ${bombRatio} times its size` }
      const unsupported = { kind: 'unsupported' as const, problem: `compressed with ${compression}` }
      const failure = isSupported() ? (bomb ? bombed : broken) : unsupported
      if (failure) return { diffId: { ok: false, ...failure }, unpacked: { compression, trailingBytes: 0 } }
      return {
        diffId: { ok: true, value: `sha256:${hash.digest('hex')}` },
        unpacked: { compression, trailingBytes: unpacker?.trailingBytes() ?? 0, archive: archive.end() },
      }
    },
    abandon: async () => {
      await unpacker?.end()
    },
  }
}
