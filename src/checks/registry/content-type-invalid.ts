import type { ManifestFact } from '../../facts/image.ts'
import { manifestsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { refusalsText } from '../../oci/clients/refusals.ts'
import type { ManifestDocument } from '../../oci/manifest.ts'
import { isManifestType, ociIndex, ociManifest } from '../../oci/media-types.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'content-type-invalid',
  group: 'registry',
  title: 'every manifest is answered with the media type of a manifest',
  fault:
    'Invalid Content-Type: a manifest is answered without the media type of a manifest, so clients cannot read it.',
  severity: 'error',
  advice:
    'Make the proxy, cache or storage in front of the registry pass Content-Type on as the registry sends it.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { observed, role } = manifest
      if (!observed.seen || observed.value.state !== 'read') return []
      const { contentType, document } = observed.value
      if (isManifestType(contentType)) return []
      return [
        {
          ...objectOf(repository, manifest),
          severity: severityOf(role),
          message: contentType === '' ? 'Content-Type is missing' : `Content-Type: ${contentType}`,
          expected: `Content-Type: ${typeOf(manifest, document)}`,
          actual: contentType === '' ? 'no Content-Type' : `Content-Type: ${contentType}`,
          cause: repository.registry,
          because: refusalsText(contentType === '' ? 'content-type-missing' : 'content-type-foreign'),
        },
      ]
    }),
})

/** The media type of a manifest: its own, that of the descriptors which list it, or else the one that its fields mean. */
function typeOf({ uses }: ManifestFact, document: ManifestDocument): string {
  const listed = uses.map(({ mediaType = '' }) => mediaType).find(isManifestType)
  return document.mediaType || listed || (document.kind === 'index' ? ociIndex : ociManifest)
}
