import { count } from '../../core/units.ts'
import { blobsIn, fieldsOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'blob-empty',
  group: 'image',
  title: 'no blob is empty that should not be',
  fault: 'Blobs are empty files in the storage.',
  severity: 'error',
  advice:
    "Move the blob's file away on the registry and restart it (a push skips what it believes it has), push again, and check the disk.",
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) => {
      const { observed, descriptor, role } = blob
      if (
        !observed.seen ||
        observed.value.state !== 'length' ||
        observed.value.storedBytes !== 0 ||
        observed.value.intact
      )
        return []
      return [
        {
          ...objectOf(repository, blob),
          severity: severityOf(role),
          message: `${fieldsOf(blob)} is empty`,
          expected: `${count(descriptor.size, 'byte')}`,
          actual: '0 bytes',
          cause: repository.registry,
        },
      ]
    }),
})
