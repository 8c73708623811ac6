import { documentOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'index-empty',
  group: 'image',
  title: 'every index lists something',
  fault: 'An index lists no image at all: there is nothing to pull.',
  severity: 'error',
  advice: 'Look at the step that puts the index together; it ran without any image.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const document = documentOf(manifest)
      const empty = document?.kind === 'index' && document.children.length === 0 && manifest.role === 'image'
      return empty ? [{ ...objectOf(repository, manifest), message: 'it has no manifests' }] : []
    }),
})
