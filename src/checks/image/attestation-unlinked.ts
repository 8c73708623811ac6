import { documentOf, manifestOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'attestation-unlinked',
  group: 'image',
  title: 'every attestation belongs to an image of its index',
  fault: 'An attestation says it is for an image that its index does not list.',
  severity: 'warning',
  advice: 'Push again with the tool that made the attestation; an index put together by hand must name both.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      if (manifest.role !== 'attestation') return []
      const about = manifest.descriptor?.annotations?.['vnd.docker.reference.digest'] ?? ''
      const listed = manifest.uses.some(({ parent }) => {
        const index = manifestOf(repository, parent)
        const document = index && documentOf(index)
        const child = manifestOf(repository, about)
        return (
          child?.role === 'image' &&
          document?.kind === 'index' &&
          document.children.some(({ digest }) => digest === about)
        )
      })
      if (listed) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: 'it is no attestation of any image in the index',
          expected: 'vnd.docker.reference.digest names a child of the same index',
          actual: about || 'no vnd.docker.reference.digest',
        },
      ]
    }),
})
