import { isArchiveType } from '../../../oci/compression.ts'
import { isRunnable } from '../../../oci/runnable.ts'
import type { BlobFact, ImageFact, RepositoryFact } from '../../image.ts'
import { blobOf, documentOf, manifestsIn } from './graph.ts'
import { isWhole } from './unpacked.ts'

/** A layer that was read and unpacked, and what was found. */
export interface ReadLayer {
  repository: RepositoryFact
  blob: BlobFact
  unpacked: NonNullable<BlobFact['unpacked']>
}

/** The layers of images that clients unpack as archives, each once, as far as they were read whole and unpacked. */
export function unpackedArchives(image: ImageFact): ReadLayer[] {
  const found = new Map<BlobFact, ReadLayer>()
  for (const { repository, manifest } of manifestsIn(image)) {
    const document = documentOf(manifest)
    if (manifest.role !== 'image' || document?.kind !== 'image' || !isRunnable(document)) continue
    for (const { digest, mediaType } of document.layers) {
      const blob = blobOf(repository, digest)
      if (!blob?.unpacked || !isWhole(blob) || !isArchiveType(mediaType)) continue
      found.set(blob, { repository, blob, unpacked: blob.unpacked })
    }
  }
  return [...found.values()]
}
