import type { Platform } from '../../../oci/platform.ts'
import { referenceName, repositoryName } from '../../../oci/reference.ts'
import type { BlobFact, ImageFact, ManifestFact, RepositoryFact, TargetFact } from '../../image.ts'
import type { CoveredImage } from '../../registry/coverage.ts'
import { descriptorPlatform, documentOf, manifestOf, platformsOf } from '../image/graph.ts'
import { entriesBelow } from '../image/members.ts'

type Held = Pick<CoveredImage, 'state' | 'lacks' | 'lackCount' | 'platforms' | 'digest'> & { why?: string }

const maxLacks = 3
const nothing = { lacks: [], lackCount: 0, platforms: [] }

/**
 * How much of an image is there: of the index, the manifests of these platforms (all that it lists if none are named), and their blobs. An
 * attestation is no part of what a node pulls.
 */
export function heldOf(
  { target, first }: TargetFact,
  { repositories }: ImageFact,
  platforms: readonly Platform[],
): Held {
  if (!first.seen) return { ...nothing, state: 'unknown', why: `${first.why.host}: ${first.why.detail}` }
  if (first.value.state === 'absent') return { ...nothing, state: 'absent' }
  const { digest } = first.value
  const repository = repositories.find(({ name }) => name === repositoryName(target.reference))
  const root = repository && manifestOf(repository, digest)
  if (!repository || !root)
    return { ...nothing, state: 'unknown', why: `${referenceName(target.reference)} was not read` }
  const manifests = wantedBelow(repository, root, platforms)
  const parents = new Set(manifests.map((one) => one.digest))
  const blobs = repository.blobs.filter(({ uses }) => uses.some(({ parent }) => parents.has(parent)))
  const objects: (ManifestFact | BlobFact)[] = [root, ...manifests.filter((one) => one !== root), ...blobs]
  const lacking = objects.filter((one) => isLacking(one))
  const unread = objects.find(({ observed }) => !observed.seen)
  const state = lacking.length > 0 ? 'partial' : unread ? 'unknown' : 'whole'
  return {
    ...{ state, digest, lackCount: lacking.length },
    lacks: lacking.slice(0, maxLacks).map((one) => `${wordFor(repository, one)} ${one.digest}`),
    platforms: [...new Set(lacking.flatMap((one) => platformsOf(repository, one)))],
    ...(unread && !unread.observed.seen
      ? { why: `${unread.observed.why.host}: ${unread.observed.why.detail}` }
      : {}),
  }
}

function wantedBelow(
  repository: RepositoryFact,
  root: ManifestFact,
  platforms: readonly Platform[],
): ManifestFact[] {
  return entriesBelow(repository, root).flatMap(({ manifest, descriptor }) => {
    const platform = descriptorPlatform(descriptor)
    const isWanted =
      platforms.length === 0 ||
      platform === undefined ||
      platforms.some(({ os, architecture }) => os === platform.os && architecture === platform.architecture)
    return manifest.role === 'image' && isWanted ? [manifest] : []
  })
}

const isLacking = ({ observed }: ManifestFact | BlobFact): boolean =>
  observed.seen && observed.value.state !== 'read' && observed.value.state !== 'proven'

function wordFor(repository: RepositoryFact, { digest, uses }: ManifestFact | BlobFact): string {
  const manifest = manifestOf(repository, digest)
  if (manifest) return documentOf(manifest)?.kind === 'index' ? 'index' : 'manifest'
  return uses.some(({ field }) => field === 'config') ? 'config' : 'layer'
}
