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
  fault: 'Expected platforms were never pushed.',
  severity: 'error',
  advice: 'Build for every platform of the list in one push, or take the platform out of `platforms`.',
  reads: ['image.manifests', 'image.blobs'],
  run: ({ image }, { platforms }) => {
    const wanted = platforms.flatMap((text) => parsePlatform(text) ?? [])
    return image.targets.flatMap((fact) => {
      const repository = image.repositories.find(({ name }) => name === repositoryName(fact.target.reference))
      const found = repository && platformsFound(repository, fact)
      if (!found) return []
      return wanted
        .filter((platform) => !found.some((have) => samePlatform(have, platform)))
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

/** The platforms that a target lists; undefined where that was not seen. */
function platformsFound(repository: RepositoryFact, { first }: TargetFact): Platform[] | undefined {
  if (!first.seen || first.value.state !== 'found') return undefined
  const root = manifestOf(repository, first.value.digest)
  if (!root?.observed.seen || root.observed.value.state !== 'read') return undefined
  const images = imagesBelow(repository, root)
  // An image whose platform only its unread configuration tells may be the one that is looked for.
  if (images.some((manifest) => isUntold(repository, manifest))) return undefined
  return images.flatMap((manifest) => platformOf(repository, manifest) ?? [])
}

function isUntold(repository: RepositoryFact, manifest: ManifestFact): boolean {
  if (platformOf(repository, manifest)) return false
  const config = configOf(repository, manifest)
  if (!manifest.observed.seen || manifest.observed.value.state !== 'read') return true
  return config !== undefined && isImageConfigType(config.descriptor.mediaType) && !config.config?.ok
}
