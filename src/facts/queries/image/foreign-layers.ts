import { isForeignLayerType } from '../../../oci/media-types.ts'
import type { BlobFact } from '../../image.ts'

/**
 * True for layers that a registry may lack: non-distributable ones. Docker on Linux ignores the `urls` of every other layer
 * (moby, daemon/internal/distribution/pull_v2_unix.go).
 */
export const mayBeAbsent = ({ descriptor, uses }: BlobFact): boolean =>
  uses.every(({ field }) => field !== 'config') && isForeignLayerType(descriptor.mediaType)
