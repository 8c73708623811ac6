/** The compression of a layer. */
export type Compression = 'gzip' | 'zstd' | 'none'

/** The family of media types of a manifest. */
export type Format = 'oci' | 'docker'

/** The media types of index, manifest and config in each family. */
export const documentTypes = {
  oci: {
    index: 'application/vnd.oci.image.index.v1+json',
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
  },
  docker: {
    index: 'application/vnd.docker.distribution.manifest.list.v2+json',
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
  },
} as const

/** Media types outside of these families. */
export const otherTypes = {
  empty: 'application/vnd.oci.empty.v1+json',
  cacheConfig: 'application/vnd.buildkit.cacheconfig.v0',
  inToto: 'application/vnd.in-toto+json',
  attestation: 'application/vnd.docker.attestation.manifest.v1+json',
  withdrawnArtifact: 'application/vnd.oci.artifact.manifest.v1+json',
  schema1: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
} as const

/** The media type of a layer. */
export function layerType(format: Format, compression: Compression): string {
  if (format === 'oci') {
    return `application/vnd.oci.image.layer.v1.tar${compression === 'none' ? '' : `+${compression}`}`
  }
  return `application/vnd.docker.image.rootfs.diff.tar${compression === 'none' ? '' : `.${compression}`}`
}

/** The media type of a foreign layer. */
export function foreignLayerType(format: Format): string {
  return format === 'oci'
    ? 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'
    : 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'
}
