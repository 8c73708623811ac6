import { count } from '../../core/units.ts'
import { manifestsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'manifest-invalid',
  group: 'image',
  title: 'every manifest is valid',
  fault: 'Invalid manifest: the document is not a valid manifest, so no client can pull it.',
  severity: 'error',
  advice: 'Push again with the tool that built the image; what is stored now is not a manifest.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { observed, role } = manifest
      if (!observed.seen || observed.value.state !== 'malformed') return []
      const { problem, contentType, sizeBytes } = observed.value
      return [
        {
          ...objectOf(repository, manifest),
          severity: severityOf(role),
          message: problem,
          evidence: [`${count(sizeBytes, 'byte')}, ${contentType || 'no content type'}`],
        },
      ]
    }),
})
