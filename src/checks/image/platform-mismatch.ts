import { configOf, descriptorPlatform, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { platformName } from '../../oci/platform.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'platform-mismatch',
  group: 'image',
  title: 'every image is built for the platform that its index lists',
  fault: 'Platform mismatch: an index lists an image under a platform that the image was not built for.',
  severity: 'error',
  advice:
    'Build with the right --platform; an index assembled by hand must list the platform of the configuration.',
  reads: ['image.manifests', 'image.blobs'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      if (manifest.role !== 'image') return []
      const listed = descriptorPlatform(manifest.descriptor)
      const config = configOf(repository, manifest)?.config
      if (!listed || !config?.ok) return []
      const built = config.value.platform
      // A configuration may omit the variant, but system and architecture must be those of the index.
      if (listed.os === built.os && listed.architecture === built.architecture) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: 'index and configuration name different platforms',
          expected: `${platformName(listed)} in the index`,
          actual: `${platformName(built)} in the configuration`,
        },
      ]
    }),
})
