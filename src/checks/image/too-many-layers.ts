import { count } from '../../core/units.ts'
import { documentOf, isImage, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { refusalsText } from '../../oci/clients/refusals.ts'
import { defineCheck } from '../define.ts'

/** maxLayerDepth in moby, daemon/internal/layer: overlayfs mounts at most 128 directories. */
const maxLayers = 125

export default defineCheck({
  id: 'too-many-layers',
  group: 'image',
  title: `no image has more than ${maxLayers} layers`,
  fault: `More than ${maxLayers} layers: Docker with its classic image store cannot unpack the image.`,
  severity: 'note',
  advice:
    'Join RUN instructions, or squash the image: “docker buildx build --output” of one stage, “crane flatten”.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const document = documentOf(manifest)
      if (document?.kind !== 'image' || !isImage(repository, manifest)) return []
      if (document.layers.length <= maxLayers) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: count(document.layers.length, 'layer'),
          cause: repository.name,
          because: refusalsText('layers-too-many'),
        },
      ]
    }),
})
