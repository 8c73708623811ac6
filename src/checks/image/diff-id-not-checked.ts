import { blobsIn, fieldsOf, objectOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'diff-id-not-checked',
  group: 'image',
  title: 'every layer is within the limits for unpacking',
  fault:
    'Diff id not checked: layers were read and hashed but not unpacked, because unpacking exceeds the limits for memory or size.',
  severity: 'note',
  advice: 'Nothing to do for this step; a lower zstd level produces layers that every client can unpack.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) =>
      blob.observed.seen &&
      blob.observed.value.state === 'proven' &&
      blob.diffId &&
      !blob.diffId.ok &&
      blob.diffId.kind === 'limit'
        ? [
            {
              ...objectOf(repository, blob),
              message: `${fieldsOf(blob)}: ${blob.diffId.problem}`,
              cause: repository.name,
            },
          ]
        : [],
    ),
})
