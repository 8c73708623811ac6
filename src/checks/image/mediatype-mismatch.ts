import { manifestsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'mediatype-mismatch',
  group: 'image',
  title: 'every manifest has one media type',
  fault: 'A manifest is called by different media types; clients refuse it or read it as something else.',
  severity: 'error',
  advice:
    'Push again with a current tool; if only the answer differs, look at the proxy before the registry.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { observed, uses, role } = manifest
      if (!observed.seen || observed.value.state !== 'read') return []
      const { contentType, document } = observed.value
      const told = [
        ...[...new Set(uses.map(({ mediaType = '' }) => mediaType))].map(
          (type) => ['its descriptor', type] as const,
        ),
        ['the answer', contentType] as const,
        ['the manifest itself', document.mediaType] as const,
      ].filter(([, type]) => type !== '')
      if (new Set(told.map(([, type]) => type)).size <= 1) return []
      return [
        {
          ...objectOf(repository, manifest),
          severity: severityOf(role),
          message: 'its media types differ',
          expected: 'the same media type in all three places',
          actual: told.map(([who, type]) => `${who} says ${type}`).join('; '),
        },
      ]
    }),
})
