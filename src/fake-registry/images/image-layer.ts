import { createCipheriv, createHash } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { type Algorithm, type Blob, blob, digestOf } from './image-content.ts'
import { type Compression, type Format, foreignLayerType, layerType } from './image-media-types.ts'
import { type Files, tarOf } from './image-tar.ts'

/** A layer blob, its diff id for the config, and the URLs of a foreign layer. */
export type Layer = Blob & { diffId: string; urls?: string[] }

/** How to build a layer. */
export type LayerOptions = { compression?: Compression; format?: Format; algorithm?: Algorithm }

/** A layer of the given files. */
export function layer(files: Files, options: LayerOptions = {}): Layer {
  const { compression = 'gzip', format = 'oci', algorithm } = options
  const tar = tarOf(files)
  return {
    ...blob(layerType(format, compression), compress(tar, compression), algorithm),
    diffId: digestOf(tar),
  }
}

/** A layer with one file of `bytes` incompressible bytes derived from `seed`. */
export function randomLayer(options: LayerOptions & { bytes: number; seed: string }): Layer {
  const path = `data/${options.seed.replaceAll('/', '-')}.bin`
  return layer({ [path]: seededBytes(options.seed, options.bytes) }, options)
}

/** A foreign layer: the image refers to it, but a push does not upload it. */
export function foreignLayer(files: Files, urls: string[], format: Format = 'oci'): Layer {
  return { ...layer(files, { format }), mediaType: foreignLayerType(format), urls }
}

/** Pseudorandom bytes, the same for the same seed. */
export function seededBytes(seed: string, length: number): Buffer {
  const key = createHash('sha256').update(seed).digest()
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length))
}

function compress(tar: Buffer, compression: Compression): Buffer {
  if (compression === 'gzip') return gzipSync(tar)
  if (compression === 'zstd') return zstdCompressSync(tar)
  return tar
}
