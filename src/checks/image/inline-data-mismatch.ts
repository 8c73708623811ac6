import { blobsIn, fieldsOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'inline-data-mismatch',
  group: 'image',
  title: 'embedded content matches its digest',
  fault: 'A manifest embeds other content than its digest says; clients that read “data” get something else.',
  severity: 'error',
  advice: 'Push again with a current tool; the manifest was put together wrongly, or tampered with.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) =>
      blob.inline === 'differs'
        ? [
            {
              ...objectOf(repository, blob),
              severity: severityOf(blob.role),
              message: `the embedded data of ${fieldsOf(blob)} is not what its digest is of`,
              expected: `${blob.digest}, ${blob.descriptor.size} bytes`,
            },
          ]
        : [],
    ),
})
