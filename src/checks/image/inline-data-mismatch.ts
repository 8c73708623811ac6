import { blobsIn, fieldsOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'inline-data-mismatch',
  group: 'image',
  title: 'embedded content matches its digest',
  fault:
    'Inline data mismatch: content embedded in a manifest does not match its digest, so clients that read “data” get other content.',
  severity: 'error',
  advice: 'Push again with a current tool; the manifest was assembled incorrectly, or tampered with.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) =>
      blob.inline === 'differs'
        ? [
            {
              ...objectOf(repository, blob),
              severity: severityOf(blob.role),
              message: `the embedded data of ${fieldsOf(blob)} does not match its descriptor`,
              expected: `${blob.digest}, ${blob.descriptor.size} bytes`,
            },
          ]
        : [],
    ),
})
