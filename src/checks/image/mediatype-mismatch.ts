import { manifestsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { refusalsText } from '../../oci/clients/refusals.ts'
import { dockerManifest, isManifestType } from '../../oci/media-types.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'mediatype-mismatch',
  group: 'image',
  title: 'every manifest has one media type',
  fault:
    'Media type mismatch: a manifest has different media types in different places, so clients refuse it or misread it.',
  severity: 'error',
  advice:
    'Push again with a current tool; if only the Content-Type differs, check the proxy in front of the registry first.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { observed, uses, role } = manifest
      if (!observed.seen || observed.value.state !== 'read') return []
      const { contentType, document } = observed.value
      const types = [
        ...[...new Set(uses.map(({ mediaType = '' }) => mediaType))].map(
          (type) => ['descriptor', type] as const,
        ),
        // Any other type is a finding of its own.
        ['Content-Type', isManifestType(contentType) ? contentType : ''] as const,
        ['manifest', document.mediaType] as const,
      ].filter(([, type]) => type !== '')
      const stated = new Set(types.map(([, type]) => type))
      // Docker's manifests must state their type; OCI's should (image-spec, manifest.md).
      if (stated.size === 1 && stated.has(dockerManifest) && document.mediaType === '')
        return [
          {
            ...objectOf(repository, manifest),
            severity: severityOf(role),
            message: '“mediaType” is missing in a Docker manifest',
            expected: dockerManifest,
            actual: 'no mediaType',
            because: refusalsText('manifest-untyped'),
          },
        ]
      if (stated.size <= 1) return []
      return [
        {
          ...objectOf(repository, manifest),
          severity: severityOf(role),
          message: 'the media types differ',
          expected: 'the same media type in all three places',
          actual: types.map(([place, type]) => `${place}: ${type}`).join('; '),
        },
      ]
    }),
})
