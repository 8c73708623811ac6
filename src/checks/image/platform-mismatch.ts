import { configOf, descriptorPlatform, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { platformName } from '../../oci/platform.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'platform-mismatch',
  group: 'image',
  title: 'every image is for the platform that its index says',
  fault: 'An index offers an image for a platform that the image was not built for.',
  severity: 'error',
  advice:
    'Build with the right --platform; an index put together by hand must name what the configuration says.',
  reads: ['image.manifests', 'image.blobs'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      if (manifest.role !== 'image') return []
      const listed = descriptorPlatform(manifest.descriptor)
      const config = configOf(repository, manifest)?.config
      if (!listed || !config?.ok) return []
      const built = config.value.platform
      // A configuration may leave the variant out; the index may not say another architecture.
      if (listed.os === built.os && listed.architecture === built.architecture) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: 'index and configuration name different platforms',
          expected: `${platformName(listed)}, as the index says`,
          actual: `${platformName(built)}, as the configuration says`,
        },
      ]
    }),
})
