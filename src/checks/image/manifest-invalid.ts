import { defineCheck } from '../../core/model.ts'
import { manifestsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'

export default defineCheck({
  id: 'manifest-invalid',
  group: 'image',
  title: 'every manifest can be read',
  fault: 'A manifest is no valid one; no client can pull it.',
  severity: 'error',
  advice: 'Push again with the tool that built the image; what is stored now is no manifest.',
  needs: ['image'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { sight, role } = manifest
      if (!sight.seen || sight.value.state !== 'malformed') return []
      const { problem, contentType, sizeBytes } = sight.value
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
