import { type BlobFact, defineCheck } from '../../core/model.ts'
import { count } from '../../core/units.ts'
import { blobsIn, fieldsOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'

export default defineCheck({
  id: 'blob-corrupt',
  group: 'image',
  title: "every blob's bytes match its digest",
  fault: 'Blobs hold other bytes than were pushed: bit rot, or tampering.',
  severity: 'error',
  advice:
    "Move the blob's file away on the registry and restart it (a push skips what it believes it has), push again, and check the disk.",
  needs: ['image'],
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

function wrongBytes({ sight, descriptor }: BlobFact): string | undefined {
  if (!sight.seen) return undefined
  if (sight.value.state === 'altered') return sight.value.actual
  if (sight.value.state !== 'length' || sight.value.intact !== false) return undefined
  return sight.value.storedBytes > descriptor.size
    ? `${count(sight.value.storedBytes, 'byte')} instead of ${descriptor.size}, with another digest`
    : undefined
}
