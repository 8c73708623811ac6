import { isArchiveType, isPlainType } from '../../../oci/compression.ts'
import { isImageConfigType } from '../../../oci/media-types.ts'
import type { BlobFact, ManifestFact, RepositoryFact } from '../../image.ts'
import { blobOf, configOf, documentOf } from './graph.ts'

/** How many layers of images were read and hashed, and how many of these unpack to what every configuration states. */
export interface UnpackedLayers {
  layers: number
  unpacked: number
}

/** Counts the layers of image manifests, each once. A layer of an artifact is never unpacked. */
export function unpackedLayers(
  repository: RepositoryFact,
  manifests: readonly ManifestFact[],
): UnpackedLayers {
  const matches = new Map<string, boolean>()
  for (const manifest of manifests) {
    const document = documentOf(manifest)
    if (manifest.role !== 'image' || document?.kind !== 'image') continue
    if (!isImageConfigType(document.config.mediaType)) continue
    const config = configOf(repository, manifest)?.config
    for (const [index, { digest }] of document.layers.entries()) {
      const blob = blobOf(repository, digest)
      if (!blob || !isWhole(blob)) continue
      const expected = config?.ok ? config.value.diffIds?.[index] : undefined
      const same = blob.diffId?.ok === true && blob.diffId.value === expected && isSound(blob)
      matches.set(digest, same && (matches.get(digest) ?? true))
    }
  }
  return { layers: matches.size, unpacked: [...matches.values()].filter(Boolean).length }
}

/** True for a blob that was read to its end and hashed. */
export const isWhole = ({ observed }: BlobFact): boolean =>
  observed.seen && observed.value.state === 'proven' && observed.value.proof === 'whole'

/** True unless clients fail on something that does not change the digest of the content. */
const isSound = ({ unpacked, descriptor }: BlobFact): boolean =>
  unpacked === undefined ||
  (unpacked.trailingBytes === 0 &&
    (unpacked.archive === 'readable' || !isArchiveType(descriptor.mediaType)) &&
    (unpacked.compression === 'none' || !isPlainType(descriptor.mediaType)))
