import type { Severity } from '../../../core/finding.ts'
import type { Descriptor } from '../../../oci/manifest.ts'
import { normalisePlatform, type Platform, platformName } from '../../../oci/platform.ts'
import { hasImageLayer, isRunnable } from '../../../oci/runnable.ts'
import type { BlobFact, ImageFact, ManifestFact, RepositoryFact, Role } from '../../image.ts'

/** The name used where no platform is known. */
export const noPlatform = 'no platform'

/** The platform in a descriptor of an index; undefined for none and for `unknown/unknown`. */
export function descriptorPlatform(descriptor: Descriptor | undefined): Platform | undefined {
  const raw = descriptor?.platform
  if (!raw || raw.os === '' || raw.os === 'unknown') return undefined
  const { os, architecture, variant = '' } = raw
  return normalisePlatform({ os, architecture, variant, osVersion: raw['os.version'] ?? '' })
}

/** The configuration of an image manifest, if the manifest was read. */
export function configOf(repository: RepositoryFact, manifest: ManifestFact): BlobFact | undefined {
  const document = documentOf(manifest)
  if (document?.kind !== 'image') return undefined
  return index(repository).blobs.get(document.config.digest)
}

/** The parsed manifest, if it was read. */
export function documentOf({ observed }: ManifestFact) {
  return observed.seen && observed.value.state === 'read' ? observed.value.document : undefined
}

/** The manifest with this digest in a repository. */
export const manifestOf = (repository: RepositoryFact, digest: string): ManifestFact | undefined =>
  index(repository).manifests.get(digest)

/** The blobs that a manifest lists. */
export const blobsListedBy = (repository: RepositoryFact, digest: string): readonly BlobFact[] =>
  index(repository).listed.get(digest) ?? []

/** The blob with this digest in a repository. */
export const blobOf = (repository: RepositoryFact, digest: string): BlobFact | undefined =>
  index(repository).blobs.get(digest)

/** The platforms that indexes list an image manifest for: one digest may be listed for several. */
export function listedPlatforms(
  repository: RepositoryFact,
  { digest, descriptor }: ManifestFact,
): Platform[] {
  const entries = [...(descriptor ? [descriptor] : []), ...(index(repository).entries.get(digest) ?? [])]
  const platforms = entries.flatMap((entry) => descriptorPlatform(entry) ?? [])
  return [...new Map(platforms.map((platform) => [platformName(platform), platform])).values()]
}

/** The platform that an image was built for, if its configuration was read. */
export function builtPlatform(repository: RepositoryFact, manifest: ManifestFact): Platform | undefined {
  const config = configOf(repository, manifest)?.config
  return config?.ok ? config.value.platform : undefined
}

/** True for an image that a runtime can start, as far as its configuration was read: a file of a general type needs a platform. */
export function isImage(repository: RepositoryFact, manifest: ManifestFact): boolean {
  const document = documentOf(manifest)
  if (manifest.role !== 'image' || document?.kind !== 'image' || !isRunnable(document)) return false
  const config = configOf(repository, manifest)?.config
  return hasImageLayer(document.layers) || !config?.ok || config.value.platform !== undefined
}

/** The names of the platforms of an image manifest: from the indexes that list it, else from its configuration. */
export function platformNames(repository: RepositoryFact, manifest: ManifestFact): string[] {
  const listed = listedPlatforms(repository, manifest)
  const built = listed.length === 0 ? builtPlatform(repository, manifest) : undefined
  return (built ? [built] : listed).map(platformName)
}

/** The names of the platforms that an object belongs to; `attestation` and `referrer` for those. */
export function platformsOf(repository: RepositoryFact, object: ManifestFact | BlobFact): string[] {
  const { platforms } = index(repository)
  const known = platforms.get(object.digest)
  if (known) return known
  // Ends the recursion for a manifest that contains itself, which adds no platform.
  platforms.set(object.digest, [])
  const found = namesFor(repository, object)
  platforms.set(object.digest, found)
  return found
}

function namesFor(repository: RepositoryFact, object: ManifestFact | BlobFact): string[] {
  if (object.role !== 'image') return [object.role]
  const own = isManifest(repository, object) ? platformNames(repository, object) : []
  if (own.length > 0) return own
  const parents = new Set(object.uses.map(({ parent }) => parent))
  const names = [...parents].flatMap((digest) => {
    const parent = manifestOf(repository, digest)
    return parent ? platformsOf(repository, parent) : []
  })
  return [...new Set(names)]
}

const isManifest = (repository: RepositoryFact, object: ManifestFact | BlobFact): object is ManifestFact =>
  manifestOf(repository, object.digest) === object

/** How severe the loss of an object is: an error for what a runtime pulls, a warning for what describes it. */
export const severityOf = (role: Role): Severity => (role === 'image' ? 'error' : 'warning')

/** Every manifest of a run, with its repository. */
export function* manifestsIn(
  image: ImageFact,
): Generator<{ repository: RepositoryFact; manifest: ManifestFact }> {
  for (const repository of image.repositories) {
    for (const manifest of repository.manifests) yield { repository, manifest }
  }
}

/** Every blob of a run, with its repository. */
export function* blobsIn(image: ImageFact): Generator<{ repository: RepositoryFact; blob: BlobFact }> {
  for (const repository of image.repositories) {
    for (const blob of repository.blobs) yield { repository, blob }
  }
}

/** The fields of manifests that list a blob: `config`, `layers[3]`, or up to four of them. */
export const fieldsOf = (blob: BlobFact): string =>
  [...new Set(blob.uses.map(({ field }) => field))].slice(0, 4).join(', ')

/** The fields of a finding that identify its object. */
export function objectOf(repository: RepositoryFact, object: ManifestFact | BlobFact) {
  const { digest } = object
  return {
    subject: digest ? `${repository.name}@${digest}` : repository.name,
    repository: repository.name,
    digest,
    platforms: platformsOf(repository, object),
  }
}

/** What an index lists; nothing for any other manifest. */
function childrenOf(manifest: ManifestFact): Descriptor[] {
  const document = documentOf(manifest)
  return document?.kind === 'index' ? document.children : []
}

interface Index {
  manifests: Map<string, ManifestFact>
  blobs: Map<string, BlobFact>
  platforms: Map<string, string[]>
  /** The descriptors of each digest in all indexes. */
  entries: Map<string, Descriptor[]>
  /** The blobs by the manifests that list them. */
  listed: Map<string, BlobFact[]>
}

const indexes = new WeakMap<RepositoryFact, Index>()

function index(repository: RepositoryFact): Index {
  const known = indexes.get(repository)
  if (known) return known
  const fresh: Index = {
    manifests: new Map(repository.manifests.map((manifest) => [manifest.digest, manifest])),
    blobs: new Map(repository.blobs.map((blob) => [blob.digest, blob])),
    platforms: new Map(),
    entries: Map.groupBy(repository.manifests.flatMap(childrenOf), ({ digest }) => digest),
    listed: blobsByParent(repository.blobs),
  }
  indexes.set(repository, fresh)
  return fresh
}

function blobsByParent(blobs: readonly BlobFact[]): Map<string, BlobFact[]> {
  const listed = new Map<string, BlobFact[]>()
  for (const blob of blobs) {
    for (const parent of new Set(blob.uses.map((use) => use.parent))) {
      const own = listed.get(parent)
      if (own) own.push(blob)
      else listed.set(parent, [blob])
    }
  }
  return listed
}

/** Whether a target names the manifest by its digest. */
export const isPinned = ({ uses }: Pick<ManifestFact, 'uses'>): boolean =>
  uses.some(({ parent, field }) => parent === '' && field.includes('@'))
