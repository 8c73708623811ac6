import type { RepositoryFact } from '../../facts/image.ts'
import { isBuildKitReference, isZstdVariant } from '../../facts/queries/image/children.ts'
import {
  descriptorPlatform,
  documentOf,
  manifestOf,
  manifestsIn,
  objectOf,
} from '../../facts/queries/image/graph.ts'
import type { Descriptor } from '../../oci/manifest.ts'
import { platformName } from '../../oci/platform.ts'
import { isRunnable } from '../../oci/runnable.ts'
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
          const kind = kindOf(repository, child)
          if (!platform || kind === undefined) return []
          const name = platformName(platform)
          return [{ name, key: JSON.stringify([name, platform.osVersion, kind]), child }]
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

/** What tells entries of one platform apart, such as those of Nydus and SOCI; undefined for an artifact. */
function kindOf(repository: RepositoryFact, child: Descriptor): string[] | undefined {
  const manifest = manifestOf(repository, child.digest)
  const document = manifest && documentOf(manifest)
  if (child.artifactType || (document && document.kind !== 'index' && !isRunnable(document))) return undefined
  return (child.platform?.['os.features'] ?? []).toSorted()
}
