import type { ImageShape, LayerShape } from './build.ts'
import { types } from './types.ts'

/** A healthy layer of this type. */
export const gzipLayer = (mediaType: string = types.ociGzip): LayerShape => ({ mediaType, packing: 'gzip' })

/** A healthy OCI image. */
export const oci: ImageShape = { mediaType: types.oci, configType: types.ociConfig, layers: [gzipLayer()] }

/** A healthy Docker image, schema 2. */
export const docker: ImageShape = {
  mediaType: types.docker,
  configType: types.dockerConfig,
  layers: [gzipLayer(types.dockerGzip)],
}

/** The same image, for the platform on which nobody pulls here. */
export const forArm = (base: ImageShape): ImageShape => ({
  ...base,
  config: (right) => ({ ...right, architecture: 'arm64' }),
})

/** Platforms of the entries of an index. */
export const amd64 = { platform: { os: 'linux', architecture: 'amd64' } }
export const arm64 = { platform: { os: 'linux', architecture: 'arm64' } }
export const unknown = { platform: { os: 'unknown', architecture: 'unknown' } }
