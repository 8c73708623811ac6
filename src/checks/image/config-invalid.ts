import type { BlobFact, RepositoryFact } from '../../facts/image.ts'
import { blobsIn, documentOf, manifestOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { isRunnable } from '../../oci/runnable.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'config-invalid',
  group: 'image',
  title: 'every image configuration is valid',
  fault: 'Invalid configuration: the image configuration cannot be read, so no runtime can start the image.',
  severity: 'error',
  advice:
    'Rebuild and push with a current tool; the bytes are intact, but they are not an image configuration.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) =>
      blob.config && !blob.config.ok && isOfImage(repository, blob)
        ? [{ ...objectOf(repository, blob), severity: severityOf(blob.role), message: blob.config.problem }]
        : [],
    ),
})

/** True for the configuration of something that a runtime would start, or whose manifest is not known. */
const isOfImage = (repository: RepositoryFact, { uses }: BlobFact): boolean =>
  uses.some(({ parent, field }) => {
    const document = field === 'config' ? manifestDocument(repository, parent) : undefined
    return !document || isRunnable(document)
  })

function manifestDocument(repository: RepositoryFact, digest: string) {
  const manifest = manifestOf(repository, digest)
  return manifest && documentOf(manifest)
}
