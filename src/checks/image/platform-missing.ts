import type { Fault } from '../../core/finding.ts'
import type { ManifestFact, RepositoryFact, TargetFact } from '../../facts/image.ts'
import { isIndexOfBlobs } from '../../facts/queries/image/children.ts'
import { builtPlatform, descriptorPlatform, documentOf, manifestOf } from '../../facts/queries/image/graph.ts'
import { type Entry, entriesBelow } from '../../facts/queries/image/members.ts'
import { type Platform, parsePlatform, platformName, samePlatform } from '../../oci/platform.ts'
import { referenceName, repositoryName } from '../../oci/reference.ts'
import { isRunnable, isUnknownPlatform } from '../../oci/runnable.ts'
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
      const root = repository && rootOf(repository, fact)
      const found = root && platformsFound(repository, root)
      if (!found) return []
      const single = wanted.length > 1 && documentOf(root)?.kind === 'image' ? singleImage : {}
      return wanted
        .filter((platform) => !found.some((one) => samePlatform(one, platform)))
        .map((platform) => ({
          subject: referenceName(fact.target.reference),
          message: `${platformName(platform)} is not in the image`,
          expected: wanted.map(platformName).join(', '),
          actual: found.map(platformName).join(', ') || 'no platform',
          platforms: [platformName(platform)],
          cause: 'platforms',
          ...single,
        }))
    })
  },
})

/** The platforms of a target; undefined where they are not all known, and for what is not an image that a runtime can start. */
function platformsFound(repository: RepositoryFact, root: ManifestFact): Platform[] | undefined {
  const entries = entriesBelow(repository, root).filter(({ manifest }) => manifest.role === 'image')
  const images = entries.filter(isImage)
  if (images.length === 0 && (entries.length > 0 || isIndexOfBlobs(documentOf(root)))) return undefined
  const platforms = images.map((entry) => entryPlatform(repository, entry))
  // An image of unknown platform may be the expected one.
  return platforms.includes(undefined) ? undefined : platforms.filter((platform) => platform !== undefined)
}

/** The platform that the index states for an entry, else the one of its configuration. */
const entryPlatform = (repository: RepositoryFact, { manifest, descriptor }: Entry): Platform | undefined =>
  descriptorPlatform(descriptor) ?? builtPlatform(repository, manifest)

/** True for an image that a runtime can start, and for what may be one because it was not read. */
function isImage({ manifest, descriptor }: Entry): boolean {
  if (descriptor?.artifactType || (descriptor && isUnknownPlatform(descriptor))) return false
  const document = documentOf(manifest)
  return document === undefined || isRunnable(document)
}

/** The manifest that a target refers to, if it was read. */
function rootOf(repository: RepositoryFact, { first }: TargetFact): ManifestFact | undefined {
  if (!first.seen || first.value.state !== 'found') return undefined
  const root = manifestOf(repository, first.value.digest)
  return root && documentOf(root) ? root : undefined
}

/** What to say where `platforms` expects several and the tag refers to one image: another push may have replaced the index. */
const singleImage: Partial<Fault> = {
  title:
    'Single image: the tag names a single image, not an index of the platforms that `platforms` expects.',
  advice:
    'Push one index for all platforms: one build with all of them, or “docker buildx imagetools create” after separate ones.',
  cause: 'single image',
  because: 'A build of one platform that pushes the tag of an index replaces the index.',
}
