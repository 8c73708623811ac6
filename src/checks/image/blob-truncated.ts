import { count } from '../../core/units.ts'
import type { BlobState } from '../../facts/image.ts'
import { blobsIn, fieldsOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'blob-truncated',
  group: 'image',
  title: 'every blob is as long as its manifest says',
  fault: 'Truncated blob: the storage holds fewer bytes than the manifest says.',
  severity: 'error',
  advice:
    "On the registry host, compare the length of the blob's file. If it is short, move it out of the storage, restart the registry (a push skips blobs it believes to exist) and push again; if it is whole, a proxy cuts the response (`proxy_temp_path`, `proxy_max_temp_file_size`, a cap on the size of responses).",
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) => {
      const { size } = blob.descriptor
      const actual = blob.observed.seen ? shortage(blob.observed.value, size) : undefined
      if (actual === undefined) return []
      return [
        {
          ...objectOf(repository, blob),
          severity: severityOf(blob.role),
          message: `${fieldsOf(blob)} is too short`,
          expected: `${count(size, 'byte')}`,
          actual,
          cause: repository.registry,
        },
      ]
    }),
})

function shortage(observed: BlobState, size: number): string | undefined {
  if (observed.state === 'cut' && observed.receivedBytes > 0) {
    const { receivedBytes, atLeast } = observed
    return atLeast
      ? `the first ${count(receivedBytes, 'byte')} can be read, the last byte cannot`
      : `${count(receivedBytes, 'byte')}, then the connection closed (twice at the same byte)`
  }
  if (observed.state !== 'length' || observed.intact === true) return undefined
  return observed.storedBytes > 0 && observed.storedBytes < size
    ? `${count(observed.storedBytes, 'byte')}`
    : undefined
}
