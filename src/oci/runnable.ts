import type { Descriptor, ManifestDocument } from './manifest.ts'
import {
  bareMediaType,
  isExactLayerType,
  isImageConfigType,
  isLayerType,
  isManifestType,
} from './media-types.ts'

/**
 * True for an image that a runtime can start, so that it has a platform. An artifact says otherwise by the type of its configuration
 * (Helm, Flux, build caches), or by its layers: cosign stores signatures, attestations and SBOMs under the configuration
 * type of an image. `artifactType` says nothing beside that type: clients ignore it and pull the image.
 */
export function isRunnable(document: ManifestDocument): boolean {
  if (document.kind !== 'image' || !isImageConfigType(document.config.mediaType)) return false
  return document.layers.length === 0 || document.layers.some(({ mediaType }) => isLayerType(mediaType))
}

/**
 * True if the types of layers say that this is an image. Tools push single files under the configuration type of an image and a general
 * layer type; of those only a platform in the configuration makes an image.
 */
export const hasImageLayer = (layers: readonly Descriptor[]): boolean =>
  layers.length === 0 || layers.some(({ mediaType }) => isExactLayerType(mediaType))

/**
 * True for an index entry that is a manifest. An index may list blobs: BuildKit's registry cache without `image-manifest` lists its layers
 * and their configuration. containerd requests every other type from the blobs endpoint (core/remotes/docker/fetcher.go).
 */
export const isManifestEntry = ({ mediaType }: Descriptor): boolean =>
  mediaType === '' || isManifestType(bareMediaType(mediaType))

/** True for an index entry that BuildKit marks as `unknown/unknown`, which no client chooses for a platform. */
export const isUnknownPlatform = ({ platform }: Descriptor): boolean => platform?.os === 'unknown'
