import { isForeignLayerType } from '../../../oci/media-types.ts'
import type { BlobFact } from '../../image.ts'

/** True for layers that are hosted elsewhere by design: non-distributable ones, and those with URLs of their own. */
export const mayBeAbsent = ({ descriptor, uses }: BlobFact): boolean =>
  uses.every(({ field }) => field !== 'config') &&
  (isForeignLayerType(descriptor.mediaType) || (descriptor.urls?.length ?? 0) > 0)
