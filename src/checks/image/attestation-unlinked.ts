import { documentOf, manifestOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'attestation-unlinked',
  group: 'image',
  title: 'every attestation refers to an image of its index',
  fault: 'Unlinked attestation: an attestation refers to an image that its index does not list.',
  severity: 'warning',
  advice: 'Push again with the tool that created the attestation; an index assembled by hand must list both.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      if (manifest.role !== 'attestation') return []
      const attested = manifest.descriptor?.annotations?.['vnd.docker.reference.digest'] ?? ''
      const listed = manifest.uses.some(({ parent }) => {
        const index = manifestOf(repository, parent)
        const document = index && documentOf(index)
        const child = manifestOf(repository, attested)
        return (
          child?.role === 'image' &&
          document?.kind === 'index' &&
          document.children.some(({ digest }) => digest === attested)
        )
      })
      if (listed) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: 'refers to no image of this index',
          expected: 'vnd.docker.reference.digest names an image of the same index',
          actual: attested || 'no vnd.docker.reference.digest',
        },
      ]
    }),
})
