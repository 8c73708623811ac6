import { documentOf, isImage, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { type RefusalId, refusalsText } from '../../oci/clients/refusals.ts'
import type { ManifestDocument } from '../../oci/manifest.ts'
import { dockerConfig, dockerManifest } from '../../oci/media-types.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'mixed-media-types',
  group: 'image',
  title: 'no image mixes Docker and OCI media types',
  fault: 'Mixed media types: the image mixes Docker and OCI types, which podman, CRI-O and skopeo refuse.',
  severity: 'warning',
  advice:
    'Push again with one format: “oci-mediatypes=true” of BuildKit, or “--format oci” of buildah, makes all types OCI.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const document = documentOf(manifest)
      const { observed } = manifest
      if (document?.kind !== 'image' || !isImage(repository, manifest)) return []
      const contentType = observed.seen && observed.value.state === 'read' ? observed.value.contentType : ''
      const mixed = mixture(document, document.mediaType || contentType)
      if (!mixed) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: `${mixed.where}: ${mixed.mediaType}`,
          expected:
            mixed.id === 'mixed-docker-manifest'
              ? 'Docker types in a Docker manifest'
              : 'OCI types in an OCI manifest',
          cause: repository.name,
          because: refusalsText(mixed.id),
        },
      ]
    }),
})

/** The first type of the other format that podman refuses: it reads OCI configurations of Docker manifests, and Docker layers of OCI manifests. */
function mixture(
  { config, layers }: Extract<ManifestDocument, { kind: 'image' }>,
  type: string,
): { id: RefusalId; where: string; mediaType: string } | undefined {
  if (type === dockerManifest) {
    const index = layers.findIndex(({ mediaType }) => mediaType.startsWith('application/vnd.oci.'))
    const mediaType = layers[index]?.mediaType
    return mediaType === undefined
      ? undefined
      : { id: 'mixed-docker-manifest', where: `layers[${index}]`, mediaType }
  }
  const { mediaType } = config
  return mediaType === dockerConfig ? { id: 'mixed-oci-manifest', where: 'config', mediaType } : undefined
}
