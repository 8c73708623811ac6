import { documentOf, isImage, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { refusalsText } from '../../oci/clients/refusals.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'layer-empty',
  group: 'image',
  title: 'every layer of an image has content',
  fault: 'Layer of no bytes: the image lists a layer of size 0, which some clients refuse to fetch.',
  severity: 'error',
  advice:
    'Rebuild and push with a current tool: a layer without files is an empty archive, of 32 bytes with gzip.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const document = documentOf(manifest)
      if (document?.kind !== 'image' || !isImage(repository, manifest)) return []
      const empty = document.layers.flatMap(({ size }, index) => (size === 0 ? [`layers[${index}]`] : []))
      if (empty.length === 0) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: `${empty.slice(0, 4).join(', ')}${empty.length > 4 ? ` and ${empty.length - 4} more` : ''}: size 0`,
          because: refusalsText('layer-empty'),
        },
      ]
    }),
})
