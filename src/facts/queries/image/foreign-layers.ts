import { isForeignLayerType } from '../../../oci/media-types.ts'
import type { BlobFact } from '../../image.ts'

/** True for layers that may be hosted elsewhere: non-distributable ones, and those with URLs in their descriptor. */
export const mayBeAbsent = ({ descriptor, uses }: BlobFact): boolean =>
  uses.every(({ field }) => field !== 'config') &&
  (isForeignLayerType(descriptor.mediaType) || (descriptor.urls?.length ?? 0) > 0)
