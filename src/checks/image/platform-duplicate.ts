import { isBuildKitReference, isZstdVariant } from '../../facts/queries/image/children.ts'
import { descriptorPlatform, documentOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { platformName } from '../../oci/platform.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'platform-duplicate',
  group: 'image',
  title: 'every index lists each platform once',
  fault:
    'Duplicate platform: an index lists a platform more than once; which image is pulled depends on the client.',
  severity: 'warning',
  advice: 'Push the index again with one image per platform: “docker buildx imagetools create”.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const document = documentOf(manifest)
      if (document?.kind !== 'index') return []
      const named = document.children
        .filter((child) => !isBuildKitReference(child) && !isZstdVariant(child))
        .flatMap((child) => {
          const platform = descriptorPlatform(child)
          const features = child.platform?.['os.version'] ?? ''
          return platform
            ? [{ name: platformName(platform), key: `${platformName(platform)} ${features}`, child }]
            : []
        })
      return [...Map.groupBy(named, ({ key }) => key).values()]
        .filter((same) => new Set(same.map(({ child }) => child.digest)).size > 1)
        .map((same) => ({
          ...objectOf(repository, manifest),
          message: `${same[0]?.name} is listed ${same.length} times`,
          actual: same.map(({ child }) => child.digest).join(', '),
          platforms: [same[0]?.name ?? ''],
        }))
    }),
})
