import { documentOf, manifestOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { refusalsText } from '../../oci/clients/refusals.ts'
import { isIndexType } from '../../oci/media-types.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'index-nested',
  group: 'image',
  title: 'no index lists another index',
  fault: 'Nested index: an index lists other indexes, which some clients do not follow.',
  severity: 'note',
  advice: 'Push one flat index: “docker buildx imagetools create” with the images of all platforms.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const document = documentOf(manifest)
      if (manifest.role !== 'image' || document?.kind !== 'index') return []
      const nested = document.children.flatMap(({ digest, mediaType }, index) => {
        const child = manifestOf(repository, digest)
        // A child that is no index, whatever its descriptor says, is another finding.
        const kind = (child && documentOf(child))?.kind ?? 'index'
        return isIndexType(mediaType) && kind === 'index' ? [`manifests[${index}]`] : []
      })
      if (nested.length === 0) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: `${nested.slice(0, 4).join(', ')}${nested.length > 4 ? ` and ${nested.length - 4} more` : ''}: an index`,
          cause: repository.name,
          because: refusalsText('index-nested'),
        },
      ]
    }),
})
