import { manifestsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'manifest-invalid',
  group: 'image',
  title: 'every manifest can be read',
  fault: 'A manifest is no valid one; no client can pull it.',
  severity: 'error',
  advice: 'Push again with the tool that built the image; what is stored now is no manifest.',
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
          evidence: [`${sizeBytes} bytes of ${contentType || 'no content type'}`],
        },
      ]
    }),
})
