import type { Descriptor } from '../../../oci/manifest.ts'

/** True for the children that BuildKit adds for provenance and SBOMs. */
export const isAttested = (descriptor: Descriptor): boolean =>
  descriptor.annotations?.['vnd.docker.reference.type'] !== undefined

/** True for the zstd twin that podman and buildah may list beside an image of the same platform. */
export const isOtherCompression = (descriptor: Descriptor): boolean =>
  descriptor.annotations?.['io.github.containers.compression.zstd'] === 'true'
