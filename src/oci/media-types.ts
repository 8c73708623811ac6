/** Media types of OCI image-spec v1.1 and Docker's image manifest v2, schema 1 and 2. */
export const ociIndex = 'application/vnd.oci.image.index.v1+json'
export const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
export const ociConfig = 'application/vnd.oci.image.config.v1+json'
export const ociArtifact = 'application/vnd.oci.artifact.manifest.v1+json'
export const ociEmpty = 'application/vnd.oci.empty.v1+json'
export const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json'
export const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json'
export const dockerConfig = 'application/vnd.docker.container.image.v1+json'
export const dockerSchema1 = 'application/vnd.docker.distribution.manifest.v1+json'
export const dockerSchema1Signed = 'application/vnd.docker.distribution.manifest.v1+prettyjws'

/**
 * The `Accept` header of manifest requests: every type that regguard can judge. Schema 1 comes last, because it is accepted only
 * to be reported. A registry answers 404 for a type that is not accepted (distribution#3938), which must not look like a
 * missing image.
 */
export const acceptedManifests = [
  ociIndex,
  ociManifest,
  dockerList,
  dockerManifest,
  ociArtifact,
  dockerSchema1Signed,
  dockerSchema1,
].join(', ')

const indexes = new Set([ociIndex, dockerList])
const manifests = new Set([ociManifest, dockerManifest, ociArtifact, dockerSchema1, dockerSchema1Signed])
const imageConfigs = new Set([ociConfig, dockerConfig])

/** True for an OCI index or a Docker manifest list. */
export const isIndexType = (mediaType: string): boolean => indexes.has(mediaType)

/** True for any type that the manifests endpoint serves, indexes included. */
export const isManifestType = (mediaType: string): boolean =>
  indexes.has(mediaType) || manifests.has(mediaType)

/** True for Docker schema 1 manifests, signed or not. */
export const isSchema1Type = (mediaType: string): boolean =>
  mediaType === dockerSchema1 || mediaType === dockerSchema1Signed

/** True for the configuration of an image that a runtime can start. */
export const isImageConfigType = (mediaType: string): boolean => imageConfigs.has(mediaType)

/** True for the layer of an image. A generic type says nothing, so it counts: a wrongly labelled layer does not make an artifact. */
export const isLayerType = (mediaType: string): boolean =>
  isExactLayerType(mediaType) || genericTypes.has(mediaType)

/** True for the layer types of OCI and Docker, with any ending. */
export const isExactLayerType = (mediaType: string): boolean =>
  /^application\/vnd\.(?:oci\.image\.layer\.|docker\.image\.rootfs\.)/.test(mediaType)

const genericTypes = new Set([
  '',
  'application/octet-stream',
  'application/gzip',
  'application/x-gzip',
  'application/tar',
  'application/x-tar',
  'application/tar+gzip',
  'application/zstd',
])

/**
 * True for layers that a registry may lack: OCI non-distributable layers (deprecated in image-spec v1.1) and Docker
 * foreign layers.
 */
export const isForeignLayerType = (mediaType: string): boolean =>
  /\.nondistributable\.|\.foreign\./.test(mediaType)

/** The media type in lower case, without parameters: distribution-spec says that parameters SHOULD be ignored. */
export const bareMediaType = (contentType: string): string =>
  (contentType.split(';')[0] ?? '').trim().toLowerCase()
