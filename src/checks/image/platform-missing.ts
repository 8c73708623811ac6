import type { ManifestFact, RepositoryFact, TargetFact } from '../../facts/image.ts'
import { configOf, manifestOf, platformOf } from '../../facts/queries/image/graph.ts'
import { imagesBelow } from '../../facts/queries/image/members.ts'
import { isImageConfigType } from '../../oci/media-types.ts'
import { type Platform, parsePlatform, platformName, samePlatform } from '../../oci/platform.ts'
import { referenceName, repositoryName } from '../../oci/reference.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'platform-missing',
  group: 'image',
  title: 'every expected platform is in the image',
  fault: 'Missing platform: the image lacks a platform that `platforms` expects.',
  severity: 'error',
  advice: 'Build all listed platforms in one push, or remove the platform from `platforms`.',
  reads: ['image.manifests', 'image.blobs'],
  run: ({ image }, { platforms }) => {
    const wanted = platforms.flatMap((text) => parsePlatform(text) ?? [])
    return image.targets.flatMap((fact) => {
      const repository = image.repositories.find(({ name }) => name === repositoryName(fact.target.reference))
      const found = repository && platformsFound(repository, fact)
      if (!found) return []
      return wanted
        .filter((platform) => !found.some((one) => samePlatform(one, platform)))
        .map((platform) => ({
          subject: referenceName(fact.target.reference),
          message: `${platformName(platform)} is not in the image`,
          expected: wanted.map(platformName).join(', '),
          actual: found.map(platformName).join(', ') || 'no platform',
          platforms: [platformName(platform)],
          cause: 'platforms',
        }))
    })
  },
})

/** The platforms of a target; undefined where they are not all known. */
function platformsFound(repository: RepositoryFact, { first }: TargetFact): Platform[] | undefined {
  if (!first.seen || first.value.state !== 'found') return undefined
  const root = manifestOf(repository, first.value.digest)
  if (!root?.observed.seen || root.observed.value.state !== 'read') return undefined
  const images = imagesBelow(repository, root)
  // An image of unknown platform may be the expected one.
  if (images.some((manifest) => hasUnknownPlatform(repository, manifest))) return undefined
  return images.flatMap((manifest) => platformOf(repository, manifest) ?? [])
}

/** True where only a manifest or configuration that was not read could say the platform. */
function hasUnknownPlatform(repository: RepositoryFact, manifest: ManifestFact): boolean {
  if (platformOf(repository, manifest)) return false
  const config = configOf(repository, manifest)
  if (!manifest.observed.seen || manifest.observed.value.state !== 'read') return true
  return config !== undefined && isImageConfigType(config.descriptor.mediaType) && !config.config?.ok
}
