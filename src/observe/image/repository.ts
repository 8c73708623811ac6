import { unseen } from '../../core/observed.ts'
import type {
  Depth,
  ImageFact,
  Refusal,
  RepositoryFact,
  Resolution,
  Target,
  TargetFact,
} from '../../facts/image.ts'
import { isPinned } from '../../facts/queries/image/graph.ts'
import type { PushAccess, Quirk, RegistryFact } from '../../facts/registry.ts'
import { referenceName, repositoryName } from '../../oci/reference.ts'
import { failure } from '../http/failures.ts'
import { inTurn } from '../http/limit.ts'
import { countsManifests } from '../registry/allowance.ts'
import type { Registry } from '../registry/registry.ts'
import { observeAnonymous } from './anonymous.ts'
import { type BlobContext, observeBlob } from './blob.ts'
import { type ListedBlob, listBlobs } from './blob-list.ts'
import { type Budget, chooseWholeReads, takeWholeRead } from './budget.ts'
import { requestByDigest } from './by-digest.ts'
import { findElsewhere } from './elsewhere.ts'
import { createManifestReader, type RequestManifest } from './manifest-reader.ts'
import { walkReferrers } from './referrers.ts'
import { readOtherTags, requestedName, resolutionOf, resolveAgain } from './resolve.ts'
import { chooseSample } from './sample.ts'
import type { Settle } from './settle.ts'
import { type Walk, walkFrom } from './walk.ts'

/** Limits how many tasks run concurrently. */
type Lane = <T>(task: () => Promise<T>) => Promise<T>

/** Everything needed to inspect one repository. */
export interface RepositoryContext {
  registry: Registry
  targets: [Target, ...Target[]]
  /** The other repositories of this run on the same registry. */
  others: () => string[]
  depth: Depth
  extent: ImageFact['extent']
  referrers: boolean
  /** Whether the right to push is requested, too. */
  pushAccess: boolean
  /** Whether the registry is a pull-through cache. */
  mirror: boolean
  /** The same registry without a login, if the image must be public. */
  anonymous?: Registry
  budget: Budget
  /** How many layers of this repository are read whole at depth `probe`. */
  sample: number
  /** Limits for large blobs that are read to their end, to bound memory. */
  lanes: { zstd: Lane; other: Lane }
  zstd: BlobContext['zstd']
  settle: Settle
  progress: (change: { found?: number; done?: number }) => void
}

/**
 * Inspects one repository: what its tags refer to, every manifest below, every blob of those, and the tags once more.
 * Each level waits only for the one above: three round trips for a flat index.
 */
export async function observeRepository(context: RepositoryContext): Promise<{
  fact: RepositoryFact
  targets: TargetFact[]
  quirks: RegistryFact['quirks']
  push?: PushAccess
}> {
  const { registry, targets, depth, extent } = context
  const place = targets[0].reference
  const { repository } = place
  const quirks: Partial<Record<Quirk, number>> = {}
  const quirk = (found: Quirk) => {
    quirks[found] = (quirks[found] ?? 0) + 1
  }
  const { first, plan } = createManifestReader(registry, repository, { quirk, settle: context.settle })
  const walk: Walk = { host: registry.host, plan, extent, manifests: new Map(), progress: context.progress }

  const facts = await inTurn(registry.room, targets, (target) => observeTarget(context, walk, target, first))
  const referrers =
    context.referrers && extent === 'whole' ? await walkReferrers(walk, registry, repository) : undefined
  const blobs = listBlobs(walk.manifests.values(), registry.host)
  const listed = extent === 'whole' ? blobs : sampleOf(blobs)
  if (extent === 'whole' && depth === 'probe') chooseSample(listed, context.sample, context.budget)
  context.progress({ found: listed.length })

  let wholeReads: Set<string> | undefined
  const blobContext: BlobContext = {
    depth,
    quirk,
    ranges: { ignored: false },
    zstd: context.zstd,
    wholeReads: () => {
      wholeReads ??= chooseWholeReads(listed, context.budget)
      return wholeReads
    },
    mayReadWhole: (sizeBytes) => takeWholeRead(sizeBytes, context.budget),
    request: (digest, method, headers, read, also) =>
      registry.request(repository, { method, path: `blobs/${digest}`, headers }, read, also),
  }
  await Promise.all([
    extent === 'whole' && findElsewhere(registry, [...walk.manifests.values()], context.others),
    extent === 'whole' && requestRoots(context, walk, quirk),
    inTurn(registry.room, sampledFirst(listed), (blob) =>
      lane(context, blob)(() => inspectBlob(context, blobContext, blob)),
    ),
  ])
  const anonymous =
    context.anonymous && (await observeAnonymous(context.anonymous, repository, facts, listed))
  if (extent === 'whole') await inTurn(registry.room, facts, (fact) => resolveTagAgain(context, fact))
  const mayPull = facts.some(({ first }) => first.seen)
  const push = context.pushAccess ? await registry.pushAccess(repository, mayPull) : undefined
  const name = repositoryName(place)
  return {
    targets: facts,
    ...(push ? { push } : {}),
    quirks: Object.entries(quirks).map(([quirk, answers]) => ({
      ...{ repository: name, registry: place.registry, quirk: quirk as Quirk, answers },
    })),
    fact: {
      name,
      registry: place.registry,
      manifests: [...walk.manifests.values()],
      blobs: listed.map(({ fact }) => fact),
      ...(anonymous ? { anonymous } : {}),
      ...(referrers ? { referrers } : {}),
    },
  }
}

/** One blob shows where blobs are served from: the smallest layer, or a configuration if there is no layer. */
const sampleOf = (blobs: ListedBlob[]): ListedBlob[] =>
  (blobs.some(({ isConfig }) => !isConfig) ? blobs.filter(({ isConfig }) => !isConfig) : blobs).slice(0, 1)

/** A layer that is read whole takes longest, so it begins first. */
const sampledFirst = (blobs: ListedBlob[]): ListedBlob[] => [
  ...blobs.filter(({ fact }) => fact.sample === 'read'),
  ...blobs.filter(({ fact }) => fact.sample !== 'read'),
]

/** Above this size a blob takes time for its bytes more than for its round trip. */
const largeBytes = 256 * 1024

function lane({ depth, lanes }: RepositoryContext, { fact }: ListedBlob): Lane {
  const { size, mediaType } = fact.descriptor
  const readsWhole = depth === 'full' || fact.sample === 'read'
  if (!readsWhole || size <= largeBytes) return (task) => task()
  return mediaType.endsWith('+zstd') ? lanes.zstd : lanes.other
}

async function inspectBlob(
  context: RepositoryContext,
  blobContext: BlobContext,
  blob: ListedBlob,
): Promise<void> {
  await context.settle(async () => {
    await observeBlob(blobContext, blob)
    return blob.fact.observed
  })
  context.progress({ done: 1 })
}

async function observeTarget(
  context: RepositoryContext,
  walk: Walk,
  target: Target,
  read: RequestManifest,
): Promise<TargetFact> {
  const { registry } = context
  const started = registry.now()
  const answer = await read(requestedName(target))
  if (!answer.seen) return { target, first: answer }
  const first = resolutionOf(answer.value, registry.now() - started)
  // Some registries hide private repositories from anonymous clients behind a 404.
  if (
    first.state === 'absent' &&
    first.refusal.code !== 'MANIFEST_UNKNOWN' &&
    (await registry.isAnonymous(target.reference.repository))
  ) {
    const detail = `it answered 404 ${first.refusal.code}, and no credentials were sent`
    return {
      target,
      first: unseen({ ...failure('denied-or-missing', registry.host, 'headers', detail), status: 404 }),
    }
  }
  if (first.state === 'absent' && context.mirror)
    return { target, first: mirrorMiss(registry.host, first.refusal) }
  if (first.state === 'found') {
    await walkFrom(walk, answer.value, { parent: '', field: referenceName(target.reference) })
  } else {
    const otherTags = await readOtherTags(registry, target.reference.repository)
    if (otherTags) first.otherTags = otherTags
  }
  return { target, first: { seen: true, value: first } }
}

/** Requests the manifest of each target by its digest. */
async function requestRoots(
  { registry, targets, settle }: RepositoryContext,
  walk: Walk,
  quirk: (found: Quirk) => void,
): Promise<void> {
  const { repository } = targets[0].reference
  const roots = [...walk.manifests.values()].filter(({ uses }) => uses.some(({ parent }) => parent === ''))
  await inTurn(registry.room, roots, async (root) => {
    if (root.digest === '') return
    // A registry that counts requests is asked for digests in the first place, or has none to spare.
    const wasRead = countsManifests(registry.host) || isPinned(root) || !registry.allowance.reserve(1)
    root.byDigest = await requestByDigest(registry, repository, root.digest, { settle, wasRead })
    if (!wasRead) registry.allowance.release()
    const { head } = root.byDigest
    if (head.seen && head.value.status === 405) quirk('head-unsupported')
  })
}

/**
 * Why a 404 of a pull-through cache says nothing of the image: registry 2.8 and 3 answer so for a tag while their upstream is down,
 * refuses or limits (measured; distribution#4477).
 */
const mirrorMiss = (host: string, { code }: Refusal) =>
  unseen<Resolution>({
    ...failure('mirror-miss', host, 'headers', `it answered 404 ${code}`.trimEnd()),
    status: 404,
  })

async function resolveTagAgain(context: RepositoryContext, fact: TargetFact): Promise<void> {
  const { repository, tag, digest } = fact.target.reference
  if (digest !== undefined || tag === undefined) return
  if (!fact.first.seen || fact.first.value.state !== 'found') return
  const { head, last } = await resolveAgain(context.registry, repository, tag, fact.first.value.digest)
  fact.head = head
  fact.last =
    context.mirror && last.seen && last.value.state === 'absent'
      ? mirrorMiss(context.registry.host, last.value.refusal)
      : last
}
