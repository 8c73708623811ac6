import { unseen } from '../../core/observed.ts'
import type { Depth, ImageFact, RepositoryFact, Target, TargetFact } from '../../facts/image.ts'
import type { Quirk, RegistryFact } from '../../facts/registry.ts'
import { referenceName, repositoryName } from '../../oci/reference.ts'
import { failure } from '../http/failures.ts'
import type { Registry } from '../registry/registry.ts'
import { observeAnonymous } from './anonymous.ts'
import { type BlobContext, observeBlob } from './blob.ts'
import { type ListedBlob, listBlobs } from './blob-list.ts'
import { type Budget, grantReads } from './budget.ts'
import { findElsewhere } from './elsewhere.ts'
import { type AskManifest, createManifestReader } from './manifest-reader.ts'
import { walkReferrers } from './referrers.ts'
import { askedName, readNeighbours, resolutionOf, resolveAgain } from './resolve.ts'
import type { Settle } from './settle.ts'
import { type Walk, walkFrom } from './walk.ts'

/** Lets a few tasks run at a time. */
export type Lane = <T>(task: () => Promise<T>) => Promise<T>

/** Everything that looking at one repository needs. */
export interface RepositoryContext {
  registry: Registry
  targets: [Target, ...Target[]]
  /** The other repositories of this run on the same registry. */
  others: string[]
  depth: Depth
  extent: ImageFact['extent']
  referrers: boolean
  /** The same registry without a login, where the image must be public. */
  anonymous?: Registry
  budget: Budget
  /** Large blobs that are read whole wait here, so that memory stays small. */
  heavy: { zstd: Lane; other: Lane }
  zstd: BlobContext['zstd']
  settle: Settle
  progress: (change: { found?: number; done?: number }) => void
}

/**
 * Looks at one repository: what its tags name, every manifest below, every blob of those, and the tags once more.
 * Each level waits for the one above and nothing else: three round trips for a flat index.
 */
export async function observeRepository(
  look: RepositoryContext,
): Promise<{ fact: RepositoryFact; targets: TargetFact[]; quirks: RegistryFact['quirks'] }> {
  const { registry, targets, depth, extent } = look
  const place = targets[0].reference
  const { repository } = place
  const quirks: Partial<Record<Quirk, number>> = {}
  const quirk = (found: Quirk) => {
    quirks[found] = (quirks[found] ?? 0) + 1
  }
  const { first, plan } = createManifestReader(registry, repository, { quirk, settle: look.settle })
  const walk: Walk = { host: registry.host, plan, extent, manifests: new Map(), progress: look.progress }

  const facts = await Promise.all(targets.map((target) => observeTarget(look, walk, target, first)))
  const referrers =
    look.referrers && extent === 'whole' ? await walkReferrers(walk, registry, repository) : undefined
  const named = listBlobs(walk.manifests.values(), registry.host)
  const listed = extent === 'whole' ? named : sampleOf(named)
  look.progress({ found: listed.length })

  let granted: Set<string> | undefined
  const context: BlobContext = {
    depth,
    quirk,
    ranges: { ignored: false },
    zstd: look.zstd,
    granted: () => {
      granted ??= grantReads(listed, look.budget)
      return granted
    },
    request: (digest, method, headers, answer, also) =>
      registry.request(repository, { method, path: `blobs/${digest}`, headers }, answer, also),
  }
  await Promise.all([
    extent === 'whole' && findElsewhere(registry, [...walk.manifests.values()], look.others),
    ...listed.map((blob) => lane(look, blob)(() => lookAt(look, context, blob))),
  ])
  const anonymous = look.anonymous && (await observeAnonymous(look.anonymous, repository, facts, listed))
  if (extent === 'whole') await Promise.all(facts.map((fact) => askAgain(look, fact)))
  const name = repositoryName(place)
  return {
    targets: facts,
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

/** One blob shows where blobs come from: the smallest layer, or a configuration where there is no layer. */
const sampleOf = (blobs: ListedBlob[]): ListedBlob[] =>
  (blobs.some(({ isConfig }) => !isConfig) ? blobs.filter(({ isConfig }) => !isConfig) : blobs).slice(0, 1)

/** A blob of more than this is one that its size, and not its round trip, takes time for. */
const largeBytes = 256 * 1024

function lane({ depth, heavy }: RepositoryContext, { fact }: ListedBlob): Lane {
  const { size, mediaType } = fact.descriptor
  if (depth !== 'full' || size <= largeBytes) return (task) => task()
  return mediaType.endsWith('+zstd') ? heavy.zstd : heavy.other
}

async function lookAt(look: RepositoryContext, context: BlobContext, blob: ListedBlob): Promise<void> {
  await look.settle(async () => {
    await observeBlob(context, blob)
    return blob.fact.observed
  })
  look.progress({ done: 1 })
}

async function observeTarget(
  look: RepositoryContext,
  walk: Walk,
  target: Target,
  read: AskManifest,
): Promise<TargetFact> {
  const { registry } = look
  const started = registry.now()
  const answer = await read(askedName(target))
  if (!answer.seen) return { target, first: answer }
  const first = resolutionOf(answer.value, registry.now() - started)
  // Some registries hide what a login would show behind a 404 for the whole repository.
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
  if (first.state === 'found') {
    await walkFrom(walk, answer.value, { parent: '', field: referenceName(target.reference) })
  } else {
    const neighbours = await readNeighbours(registry, target.reference.repository)
    if (neighbours) first.neighbours = neighbours
  }
  return { target, first: { seen: true, value: first } }
}

async function askAgain(look: RepositoryContext, fact: TargetFact): Promise<void> {
  const { repository, tag, digest } = fact.target.reference
  if (digest !== undefined || tag === undefined) return
  if (!fact.first.seen || fact.first.value.state !== 'found') return
  fact.last = await resolveAgain(look.registry, repository, tag, fact.first.value.digest)
}
