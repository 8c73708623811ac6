import { documentOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'index-empty',
  group: 'image',
  title: 'every index lists at least one manifest',
  fault: 'Empty index: the index lists no manifest, so there is nothing to pull.',
  severity: 'error',
  advice: 'Check the step that assembles the index: it ran without any image.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const document = documentOf(manifest)
      const empty = document?.kind === 'index' && document.children.length === 0 && manifest.role === 'image'
      return empty ? [{ ...objectOf(repository, manifest), message: 'the list of manifests is empty' }] : []
    }),
})
