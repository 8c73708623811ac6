import type { Fault } from '../../core/finding.ts'
import type { ManifestFact, RepositoryFact } from '../../facts/image.ts'
import {
  blobOf,
  configOf,
  documentOf,
  isImage,
  manifestsIn,
  objectOf,
} from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'diff-id-mismatch',
  group: 'image',
  title: 'every unpacked layer matches its diff id',
  fault:
    'Diff id mismatch: a layer unpacks to other content than the configuration says, so runtimes refuse the image.',
  severity: 'error',
  advice:
    'Rebuild without the layer cache and push again: layer and configuration come from different builds.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => wrongLayers(repository, manifest)),
})

/** The digest of such a layer is right, so it was pushed like this. */
const brokenStream: Pick<Fault, 'title' | 'advice'> = {
  title:
    'Broken compression: a layer does not decompress, so containerd, Docker and podman cannot unpack it.',
  advice: 'Rebuild without the layer cache and push again: the compressed stream of the layer is damaged.',
}

function wrongLayers(repository: RepositoryFact, manifest: ManifestFact): Fault[] {
  const document = documentOf(manifest)
  const config = configOf(repository, manifest)?.config
  if (document?.kind !== 'image' || !isImage(repository, manifest) || !config?.ok) return []
  return document.layers.flatMap(({ digest }, index): Fault[] => {
    const blob = blobOf(repository, digest)
    const expected = config.value.diffIds?.[index]
    // Corrupt or truncated layers have findings of their own.
    const proven = blob?.observed.seen && blob.observed.value.state === 'proven'
    if (!blob?.diffId || !proven || expected === undefined) return []
    if (!blob.diffId.ok && blob.diffId.kind !== 'broken') return []
    const actual = blob.diffId.ok ? blob.diffId.value : blob.diffId.problem
    if (actual === expected || !expected.startsWith('sha256:')) return []
    return [
      {
        ...objectOf(repository, blob),
        message: `layers[${index}] of ${manifest.digest}`,
        expected,
        actual,
        cause: `${repository.name}@${manifest.digest}`,
        ...(blob.diffId.ok ? {} : brokenStream),
      },
    ]
  })
}
