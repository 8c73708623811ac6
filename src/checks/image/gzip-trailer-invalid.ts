import type { BlobFact } from '../../facts/image.ts'
import { blobsIn, fieldsOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'gzip-trailer-invalid',
  group: 'image',
  title: 'every gzip layer ends in a trailer that can be one',
  fault:
    'Invalid gzip trailer: the last 8 bytes of a layer cannot end its gzip stream, so no client can unpack it.',
  severity: 'error',
  advice:
    "On the registry host, hash the blob's file. If it differs from its digest, move it out of the storage, restart the registry and push again; if it matches, the layer was pushed like that: rebuild without the layer cache.",
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) =>
      blob.gzipTrailer
        ? [
            {
              ...objectOf(repository, blob),
              severity: severityOf(blob.role),
              message: `${fieldsOf(blob)}: ${problemOf(blob.gzipTrailer, blob)}`,
              cause: repository.registry,
            },
          ]
        : [],
    ),
})

function problemOf({ crc32, isize }: NonNullable<BlobFact['gzipTrailer']>, { descriptor }: BlobFact): string {
  if (crc32 === 0 && isize === 0) return 'the last 8 bytes are zeros'
  if (isize === 0) return 'the trailer states a checksum and no content'
  return `the trailer states ${isize} bytes of content, more than ${descriptor.size} bytes of gzip can hold`
}
