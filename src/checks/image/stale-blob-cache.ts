import { bytesText } from '../../core/units.ts'
import { blobsIn, fieldsOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'stale-blob-cache',
  group: 'image',
  title: 'the registry has the data it says it has',
  fault: 'The registry says it has these blobs, and sends not one byte of them: stale blob cache.',
  severity: 'error',
  advice:
    'Restart the registry (its memory of deleted blobs goes with it), then push again: a push before that skips them.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) => {
      const { observed, role } = blob
      if (!observed.seen || observed.value.state !== 'cut' || observed.value.receivedBytes > 0) return []
      return [
        {
          ...objectOf(repository, blob),
          severity: severityOf(role),
          message: `${fieldsOf(blob)}: promised, and nothing came`,
          expected: bytesText(observed.value.announcedBytes),
          actual: '0 bytes, twice',
          cause: repository.registry,
          because:
            'A registry with a descriptor cache answers HEAD 200 and the right length for blobs that garbage collection has deleted.',
        },
      ]
    }),
})
