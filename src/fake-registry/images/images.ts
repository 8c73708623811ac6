import { attestation } from './image-artifacts.ts'
import { contentsOf, type Image, type Index, image, index } from './image-build.ts'
import type { Content } from './image-content.ts'
import { randomLayer } from './image-layer.ts'
import type { Compression, Format } from './image-media-types.ts'

export * from './image-artifacts.ts'
export * from './image-build.ts'
export * from './image-content.ts'
export * from './image-layer.ts'
export * from './image-media-types.ts'

/** The variable parts of a multi-platform image. */
export type MultiPlatformOptions = {
  platforms?: string[]
  layersPer?: number
  /** Bytes of incompressible content per layer; the blob is a little larger. */
  layerBytes?: number
  attestations?: boolean
  /** All platforms share their first layer. */
  sharedBase?: boolean
  seed?: string
  format?: Format
  compression?: Compression
}

/** A healthy image for several platforms; `contents` is everything that a push sends, in order. */
export type MultiPlatform = { index: Index; images: Image[]; attestations: Image[]; contents: Content[] }

/** Builds a healthy image as a builder such as BuildKit pushes it. */
export function multiPlatform(options: MultiPlatformOptions = {}): MultiPlatform {
  const { platforms = ['linux/amd64', 'linux/arm64'], format = 'oci' } = options
  const images = platforms.map((platform) =>
    image(platform, { format, layers: layersFor(platform, options) }),
  )
  const attestations = options.attestations ? images.map((each) => attestation(each)) : []
  const top = index([...images, ...attestations], { format })
  return { index: top, images, attestations, contents: contentsOf(top) }
}

function layersFor(platform: string, options: MultiPlatformOptions) {
  const { layersPer = 2, layerBytes = 1024, seed = 'regguard', format = 'oci' } = options
  return Array.from({ length: layersPer }, (_, position) => {
    const owner = options.sharedBase && position === 0 ? 'base' : platform
    return randomLayer({
      bytes: layerBytes,
      seed: `${seed}/${owner}/${position}`,
      format,
      compression: options.compression ?? 'gzip',
    })
  })
}
