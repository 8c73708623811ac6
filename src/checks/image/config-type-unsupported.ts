import { documentOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { genericTypes, layerRefusal } from '../../oci/clients/layer-types.ts'
import { refusalsText } from '../../oci/clients/refusals.ts'
import { dockerManifest, ociConfig } from '../../oci/media-types.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'config-type-unsupported',
  group: 'image',
  title: 'every image configuration has the media type of one',
  fault:
    'Unsupported configuration type: the configuration of an image has a general media type, which some clients refuse.',
  severity: 'warning',
  advice:
    'Push again with a current tool, which labels the configuration as “application/vnd.oci.image.config.v1+json”.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const document = documentOf(manifest)
      if (manifest.role !== 'image' || document?.kind !== 'image') return []
      const { config, layers, artifactType } = document
      if (artifactType) return []
      const isImage = layers.some(({ mediaType }) => layerRefusal(mediaType) === undefined)
      if (!isImage || !genericTypes.has(config.mediaType)) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: `config: ${config.mediaType || 'no media type'}`,
          expected: ociConfig,
          actual: config.mediaType || 'no media type',
          because: refusalsText(
            document.mediaType === dockerManifest ? 'config-generic-docker' : 'config-generic',
          ),
        },
      ]
    }),
})
