import { count } from '../../core/units.ts'
import type { BlobFact } from '../../facts/image.ts'
import { blobsIn, fieldsOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'blob-corrupt',
  group: 'image',
  title: 'the bytes of every blob match its digest',
  fault: 'Corrupt blob: the bytes served do not match the digest (bit rot or tampering).',
  severity: 'error',
  advice:
    "On the registry host, move the blob's file out of the storage and restart the registry (a push skips blobs it believes to exist); then push again and check the disk.",
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) => {
      const actual = wrongBytes(blob)
      if (actual === undefined) return []
      return [
        {
          ...objectOf(repository, blob),
          severity: severityOf(blob.role),
          message: `${fieldsOf(blob)}: the bytes do not match the digest`,
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
    ? `${count(observed.value.storedBytes, 'byte')} instead of ${descriptor.size}, with a different digest`
    : undefined
}
