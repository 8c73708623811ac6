import { count } from '../../core/units.ts'
import { blobsIn, fieldsOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'blob-empty',
  group: 'image',
  title: 'no blob is unexpectedly empty',
  fault: 'Empty blob: the storage holds a file of 0 bytes where the manifest lists content.',
  severity: 'error',
  advice:
    "On the registry host, move the blob's file out of the storage and restart the registry (a push skips blobs it believes to exist); then push again and check the disk.",
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
