import { bytesText } from '../../core/units.ts'
import { scanHint } from '../../explain/storage/hint.ts'
import { blobsIn, fieldsOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

const advice =
  'Restart the registry to clear its cache, then push again; a push before the restart skips these blobs.'

export default defineCheck({
  id: 'stale-blob-cache',
  group: 'image',
  title: 'the registry can serve every blob it reports',
  fault: 'Stale blob cache: the registry reports these blobs as present but cannot serve them.',
  severity: 'error',
  advice,
  reads: ['image.blobs'],
  run: ({ image }, settings) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) => {
      const { observed, role } = blob
      if (!observed.seen || observed.value.state !== 'cut' || observed.value.receivedBytes > 0) return []
      return [
        {
          ...objectOf(repository, blob),
          severity: severityOf(role),
          message: `${fieldsOf(blob)}: the registry says the blob exists but returned no data`,
          expected: bytesText(observed.value.announcedBytes),
          actual: '0 bytes, twice',
          cause: repository.registry,
          advice: `${advice}${scanHint(repository.registry, settings)}`,
          because:
            'A registry with a descriptor cache answers HEAD with 200 and the right length for blobs that garbage collection has deleted.',
        },
      ]
    }),
})
