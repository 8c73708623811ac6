import { configOf, isImage, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { isEmptyConfig } from '../../oci/config.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'config-without-platform',
  group: 'image',
  title: 'every image configuration states its platform',
  fault:
    'No platform: an image configuration states no operating system or architecture, so clients start the image on any machine.',
  severity: 'warning',
  advice: 'Build with a tool that writes “os” and “architecture”, which image-spec requires.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const config = configOf(repository, manifest)?.config
      if (!isImage(repository, manifest) || !config?.ok) return []
      if (config.value.platform || isEmptyConfig(config.value)) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: '“os” or “architecture” is missing in the configuration',
        },
      ]
    }),
})
