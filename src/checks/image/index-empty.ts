import { count } from '../../core/units.ts'
import type { ManifestFact } from '../../facts/image.ts'
import { documentOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { type Entry, entriesBelow } from '../../facts/queries/image/members.ts'
import type { Descriptor } from '../../oci/manifest.ts'
import { isRunnable, isUnknownPlatform } from '../../oci/runnable.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'index-empty',
  group: 'image',
  title: 'every index lists at least one image',
  fault: 'Empty index: the index lists no manifest, so there is nothing to pull.',
  severity: 'error',
  advice: 'Check the step that assembles the index: it ran without any image.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const document = documentOf(manifest)
      if (document?.kind !== 'index' || manifest.role !== 'image') return []
      if (document.children.length === 0)
        return [{ ...objectOf(repository, manifest), message: 'the list of manifests is empty' }]
      return isTarget(manifest) && !manifest.limit && hasNoImage(entriesBelow(repository, manifest))
        ? [{ ...objectOf(repository, manifest), ...noImage(document.children.length) }]
        : []
    }),
})

const isTarget = ({ uses }: ManifestFact): boolean => uses.some(({ parent }) => parent === '')

/** True if all entries are attestations or of unknown platform. An index of artifacts has no image on purpose. */
const hasNoImage = (entries: Entry[]): boolean =>
  entries.length > 0 &&
  entries.every(
    ({ manifest, descriptor }) =>
      manifest.role === 'attestation' || (descriptor !== undefined && isUnlisted(manifest, descriptor)),
  )

function isUnlisted(manifest: ManifestFact, descriptor: Descriptor): boolean {
  const document = documentOf(manifest)
  return isUnknownPlatform(descriptor) && (document === undefined || isRunnable(document))
}

const noImage = (children: number) => ({
  title: 'Index without images: the index lists no image for any platform, so no client can pull it.',
  message: `lists ${count(children, 'manifest')}, all of them attestations or of unknown/unknown platform`,
  because:
    'Docker and containerd fail with “no match for platform in manifest”. BuildKit lists its attestations as unknown/unknown (“provenance: false” turns them off); the images beside them are missing.',
})
