import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import type { BlobFact, ManifestFact, RepositoryFact } from '../../facts/image.ts'
import { blobsIn, manifestsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'size-mismatch',
  group: 'image',
  title: 'every size in a manifest is right',
  fault: 'Size mismatch: a manifest states a wrong size for its content; the content itself is not damaged.',
  severity: 'error',
  advice: 'Push again with another tool or version: the one that wrote this manifest recorded a wrong size.',
  reads: ['image.manifests', 'image.blobs'],
  run: ({ image }) => [
    ...[...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { observed } = manifest
      const contentBytes =
        observed.seen && observed.value.state === 'read' ? observed.value.sizeBytes : undefined
      return contentBytes === undefined ? [] : wrongUses(repository, manifest, contentBytes)
    }),
    ...[...blobsIn(image)].flatMap(({ repository, blob }) => {
      const contentBytes = intactSize(blob)
      return contentBytes === undefined ? [] : wrongUses(repository, blob, contentBytes)
    }),
  ],
})

/** The real size of a blob whose content is intact: its digest is right, or it is too long to be truncated. */
function intactSize({ observed, descriptor }: BlobFact): number | undefined {
  if (!observed.seen) return undefined
  if (observed.value.state === 'proven') return descriptor.size
  if (observed.value.state !== 'length' || observed.value.intact === false) return undefined
  return observed.value.intact || observed.value.storedBytes > descriptor.size
    ? observed.value.storedBytes
    : undefined
}

function wrongUses(
  repository: RepositoryFact,
  object: ManifestFact | BlobFact,
  contentBytes: number,
): Fault[] {
  return object.uses
    .filter(({ sizeBytes }) => sizeBytes !== undefined && sizeBytes !== contentBytes)
    .map(({ parent, field, sizeBytes }) => ({
      ...objectOf(repository, object),
      severity: severityOf(object.role),
      message: `wrong size for ${field} of ${parent}`,
      expected: `${count(contentBytes, 'byte')} of content`,
      actual: `${count(sizeBytes ?? 0, 'byte')} in the manifest`,
      cause: `${repository.name}@${parent}`,
    }))
}
