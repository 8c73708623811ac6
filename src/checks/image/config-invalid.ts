import { blobsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'config-invalid',
  group: 'image',
  title: 'every configuration can be read',
  fault: 'An image configuration is not valid; no runtime can start the image.',
  severity: 'error',
  advice:
    'Rebuild and push with a current tool; the bytes are what was pushed, and they are no configuration.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) =>
      blob.config && !blob.config.ok
        ? [{ ...objectOf(repository, blob), severity: severityOf(blob.role), message: blob.config.problem }]
        : [],
    ),
})
