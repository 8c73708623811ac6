import { builtPlatform, listedPlatforms, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
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
      const listed = listedPlatforms(repository, manifest)
      const built = builtPlatform(repository, manifest)
      if (listed.length === 0 || !built) return []
      // A configuration may omit the variant, but system and architecture must be those of the index. An image of scripts or data may
      // be listed for more platforms than the one it was built for.
      if (listed.some(({ os, architecture }) => os === built.os && architecture === built.architecture))
        return []
      return [
        {
          ...objectOf(repository, manifest),
          message: 'index and configuration name different platforms',
          expected: `${listed.map(platformName).join(', ')} in the index`,
          actual: `${platformName(built)} in the configuration`,
        },
      ]
    }),
})
