import { blobsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'config-invalid',
  group: 'image',
  title: 'every image configuration is valid',
  fault: 'Invalid configuration: the image configuration cannot be read, so no runtime can start the image.',
  severity: 'error',
  advice:
    'Rebuild and push with a current tool; the bytes are intact, but they are not an image configuration.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) =>
      blob.config && !blob.config.ok
        ? [{ ...objectOf(repository, blob), severity: severityOf(blob.role), message: blob.config.problem }]
        : [],
    ),
})
