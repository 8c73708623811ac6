import type { Descriptor, ManifestDocument } from '../../../oci/manifest.ts'
import { isManifestEntry } from '../../../oci/runnable.ts'

/** True for an index that lists blobs only, such as BuildKit's registry cache: there is no image in it. */
export const isIndexOfBlobs = (document: ManifestDocument | undefined): boolean =>
  document?.kind === 'index' &&
  document.children.length > 0 &&
  !document.children.some((child) => isManifestEntry(child))

/** True for the children that BuildKit adds to an index for provenance and SBOMs. */
export const isBuildKitReference = (descriptor: Descriptor): boolean =>
  descriptor.annotations?.['vnd.docker.reference.type'] !== undefined

/** True for the zstd variant that podman and buildah may list next to an image of the same platform. */
export const isZstdVariant = (descriptor: Descriptor): boolean =>
  descriptor.annotations?.['io.github.containers.compression.zstd'] === 'true'
