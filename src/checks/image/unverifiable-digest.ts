import { blobsIn, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { hashAlgorithm } from '../../oci/digest.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'unverifiable-digest',
  group: 'image',
  title: 'every digest uses a known algorithm',
  fault: 'Unverifiable digest: its algorithm is unknown, so the content exists but cannot be verified.',
  severity: 'warning',
  advice: 'Push with sha256 or sha512 digests, the registered algorithms that clients know.',
  reads: ['image.manifests', 'image.blobs'],
  run: ({ image }) =>
    [
      ...manifestsIn(image),
      ...[...blobsIn(image)].map(({ repository, blob }) => ({ repository, manifest: blob })),
    ]
      .filter(
        ({ manifest }) =>
          manifest.digest !== '' &&
          manifest.observed.seen &&
          manifest.observed.value.state !== 'absent' &&
          !hashAlgorithm(manifest.digest),
      )
      .map(({ repository, manifest }) => ({
        ...objectOf(repository, manifest),
        message: `unknown digest algorithm “${manifest.digest.split(':')[0]}”`,
        cause: repository.name,
      })),
})
