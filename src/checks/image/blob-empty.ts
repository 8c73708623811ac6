import { defineCheck } from '../../core/model.ts'
import { count } from '../../core/units.ts'
import { blobsIn, fieldsOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'

export default defineCheck({
  id: 'blob-empty',
  group: 'image',
  title: 'no blob is empty that should not be',
  fault: 'Blobs are empty files in the storage.',
  severity: 'error',
  advice:
    "Move the blob's file away on the registry and restart it (a push skips what it believes it has), push again, and check the disk.",
  needs: ['image'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) => {
      const { sight, descriptor, role } = blob
      if (
        !sight.seen ||
        sight.value.state !== 'length' ||
        sight.value.storedBytes !== 0 ||
        sight.value.intact
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
