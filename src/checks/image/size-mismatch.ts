import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import type { BlobFact, ManifestFact, RepositoryFact } from '../../facts/image.ts'
import { blobsIn, manifestsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'size-mismatch',
  group: 'image',
  title: 'every manifest tells the right sizes',
  fault: 'A manifest tells another size than its content has; the content itself is not damaged.',
  severity: 'error',
  advice: 'Push again with another tool or version: the one that wrote this manifest counted wrong.',
  reads: ['image.manifests', 'image.blobs'],
  run: ({ image }) => [
    ...[...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { observed } = manifest
      const known = observed.seen && observed.value.state === 'read' ? observed.value.sizeBytes : undefined
      return known === undefined ? [] : wrongUses(repository, manifest, known)
    }),
    ...[...blobsIn(image)].flatMap(({ repository, blob }) => {
      const known = intactSize(blob)
      return known === undefined ? [] : wrongUses(repository, blob, known)
    }),
  ],
})

/** The size of content that is known to be what its digest says, or too long to be a truncation. */
function intactSize({ observed, descriptor }: BlobFact): number | undefined {
  if (!observed.seen) return undefined
  if (observed.value.state === 'proven') return descriptor.size
  if (observed.value.state !== 'length' || observed.value.intact === false) return undefined
  return observed.value.intact || observed.value.storedBytes > descriptor.size
    ? observed.value.storedBytes
    : undefined
}

function wrongUses(repository: RepositoryFact, object: ManifestFact | BlobFact, known: number): Fault[] {
  return object.uses
    .filter(({ sizeBytes }) => sizeBytes !== undefined && sizeBytes !== known)
    .map(({ parent, field, sizeBytes }) => ({
      ...objectOf(repository, object),
      severity: severityOf(object.role),
      message: `${field} of ${parent} tells a wrong size`,
      expected: `${count(known, 'byte')}, as it is`,
      actual: `${count(sizeBytes ?? 0, 'byte')} in the manifest`,
      cause: `${repository.name}@${parent}`,
    }))
}
