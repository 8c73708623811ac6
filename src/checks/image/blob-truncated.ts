import { type BlobSight, defineCheck } from '../../core/model.ts'
import { count } from '../../core/units.ts'
import { blobsIn, fieldsOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'

export default defineCheck({
  id: 'blob-truncated',
  group: 'image',
  title: 'every blob is as long as its manifest says',
  fault: 'Blobs are shorter in the storage than they were pushed: truncation.',
  severity: 'error',
  advice:
    "Move the blob's file away on the registry and restart it (a push skips what it believes it has), push again, and check the disk.",
  needs: ['image'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) => {
      const { size } = blob.descriptor
      const actual = blob.sight.seen ? shortage(blob.sight.value, size) : undefined
      if (actual === undefined) return []
      return [
        {
          ...objectOf(repository, blob),
          severity: severityOf(blob.role),
          message: `${fieldsOf(blob)} ends too early`,
          expected: `${count(size, 'byte')}`,
          actual,
          cause: repository.registry,
        },
      ]
    }),
})

function shortage(sight: BlobSight, size: number): string | undefined {
  if (sight.state === 'cut' && sight.receivedBytes > 0) {
    const { receivedBytes, atLeast } = sight
    return atLeast
      ? `the first ${count(receivedBytes, 'byte')} can be read, the last cannot`
      : `${count(receivedBytes, 'byte')}, then the registry closed the connection, twice at the same place`
  }
  if (sight.state !== 'length' || sight.intact === true) return undefined
  return sight.storedBytes > 0 && sight.storedBytes < size ? `${count(sight.storedBytes, 'byte')}` : undefined
}
