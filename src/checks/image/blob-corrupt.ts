import { count } from '../../core/units.ts'
import type { BlobFact } from '../../facts/image.ts'
import { blobsIn, fieldsOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'blob-corrupt',
  group: 'image',
  title: "every blob's bytes match its digest",
  fault: 'Blobs hold other bytes than were pushed: bit rot, or tampering.',
  severity: 'error',
  advice:
    "Move the blob's file away on the registry and restart it (a push skips what it believes it has), push again, and check the disk.",
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) => {
      const actual = wrongBytes(blob)
      if (actual === undefined) return []
      return [
        {
          ...objectOf(repository, blob),
          severity: severityOf(blob.role),
          message: `${fieldsOf(blob)} has other bytes than its digest says`,
          expected: blob.digest,
          actual,
          cause: repository.registry,
        },
      ]
    }),
})

function wrongBytes({ observed, descriptor }: BlobFact): string | undefined {
  if (!observed.seen) return undefined
  if (observed.value.state === 'altered') return observed.value.actual
  if (observed.value.state !== 'length' || observed.value.intact !== false) return undefined
  return observed.value.storedBytes > descriptor.size
    ? `${count(observed.value.storedBytes, 'byte')} instead of ${descriptor.size}, with another digest`
    : undefined
}
