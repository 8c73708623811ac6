import type { Descriptor } from '../../../oci/manifest.ts'

/** True for the children that BuildKit adds to an index for provenance and SBOMs. */
export const isBuildKitReference = (descriptor: Descriptor): boolean =>
  descriptor.annotations?.['vnd.docker.reference.type'] !== undefined

/** True for the zstd variant that podman and buildah may list next to an image of the same platform. */
export const isZstdVariant = (descriptor: Descriptor): boolean =>
  descriptor.annotations?.['io.github.containers.compression.zstd'] === 'true'
