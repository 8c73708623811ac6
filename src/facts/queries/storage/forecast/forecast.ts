import { compareNaturally } from '../../../../core/natural-order.ts'
import type {
  AbortFact,
  ForecastFact,
  ForecastRun,
  ImageLoss,
  Likelihood,
  PlatformLoss,
} from '../../../storage/forecast.ts'
import type { Inventory, StoredRepository } from '../../../storage/inventory.ts'
import { isFresh } from '../fresh.ts'
import { targetOf } from '../judge/images.ts'
import { hasNoManifests, linkedLayers } from '../judge/lost-tags.ts'
import { pushMs } from '../settled.ts'
import { collect } from './collect.ts'
import {
  type Collection,
  type CollectionAbort,
  type CollectionOptions,
  gcVersions,
  isDeleted,
} from './collection.ts'
import type { DryRunReader, KnownOptions } from './dry-run.ts'
import { freedBy } from './freed.ts'
import { byRepository, type LeafLoss, type RepositoryState, stateOf } from './losses.ts'
import { repositoryPath } from './paths.ts'
import { referrersLost } from './referrers.ts'
import { compareText } from './visited.ts'

const maxPlatforms = 20
const maxTags = 10

/** What the next garbage collection does: by version where that is not known, and with and without `--delete-untagged`. */
export function forecastOf(
  inventory: Inventory,
  known: KnownOptions,
  dryRun?: DryRunReader | undefined,
  now?: number,
): ForecastFact {
  const { version, deleteUntagged } = known
  // Where the flag is given, a collection without it may be what is better run.
  const ways: [flag: boolean, likelihood: Likelihood][] = [
    [false, deleteUntagged === true ? 'comparison' : 'expected'],
    ...(deleteUntagged === false
      ? []
      : [[true, deleteUntagged === true ? 'expected' : 'possible'] satisfies [boolean, Likelihood]]),
  ]
  const runs = gcVersions
    .filter((each) => version === undefined || each === version)
    .flatMap((each) =>
      ways.map(([flag, likelihood]) =>
        forecastRun(inventory, { version: each, deleteUntagged: flag }, likelihood, {
          ...(now === undefined ? {} : { now }),
        }),
      ),
    )
  return { runs, ...(dryRun === undefined ? {} : { dryRun: dryRun.compare(known) }) }
}

interface ForecastLimits {
  /** Lists keep the first of so many. */
  maxEntries?: number
  /** When the storage was read, in milliseconds: a push that began shortly before may go on. By default all is old. */
  now?: number
}

/** What one garbage collection does to the images of a storage. */
export function forecastRun(
  inventory: Inventory,
  options: CollectionOptions,
  likelihood: Likelihood,
  { maxEntries = 100, now = Number.POSITIVE_INFINITY }: ForecastLimits = {},
): ForecastRun {
  const entries = <T>(list: T[]) => firstOf(list, maxEntries)
  const collection = collect(inventory, options)
  const breaks: ImageLoss[] = []
  const losesRepair: ImageLoss[] = []
  const referrers: ForecastRun['referrers']['first'] = []
  const emptied: ForecastRun['emptied']['first'] = []
  const unseen: ForecastRun['unseen']['first'] = []
  const revisions = byRepository(collection.removedRevisions)
  const layers = new Map(
    collection.removedLayers.map(({ repository, digests }) => [repository, new Set(digests)]),
  )
  const places = new Map(collection.visited.map((repository, place) => [repository, place]))
  const whyUnseen = new Map(collection.unseen.map(({ repository, why }) => [repository, why]))
  const none: ReadonlySet<number> = new Set()
  // A pull-through cache fetches again what it is asked for.
  const harm = <T>(list: T[]): T[] => (inventory.isCache ? [] : list)
  const isPartial = inventory.unread.any()
  const known = inventory.repositories.filter(({ name }) => !isPartial || !inventory.unread.repository(name))
  const knownPaths = new Set(known.map(({ name }) => repositoryPath(name)))
  let history = 0

  for (const repository of known.toSorted((a, b) => compareText(a.name, b.name))) {
    const gone = revisions.get(repository) ?? none
    const fate = { revisions: gone, layers: layers.get(repository) ?? none, place: places.get(repository) }
    const state = stateOf(collection, repository, fate)
    const lostReferrers = referrersLost(collection, repository, state, gone)
    referrers.push(...lostReferrers.entries)
    for (const image of tagged(repository)) {
      const loss = state.lossesOf(image.digest)
      // What an index of referrers (image-spec's tag schema) names is told as that, not as a broken image.
      const isReferrer = ({ manifest }: LeafLoss) => lostReferrers.digests.has(manifest)
      const isSound = ({ isHealthy }: LeafLoss) => isHealthy && image.isServed
      const sound = loss.leaves.filter((leaf) => isSound(leaf) && !isReferrer(leaf))
      const broken = loss.leaves.filter((leaf) => !isSound(leaf))
      // Version 2 removes the link of what is untagged, whether another repository keeps the data or not.
      const isCertain = isPartial && options.version === '2.8' && sound.every(({ losesLink }) => losesLink)
      if (sound.length > 0)
        breaks.push({
          ...imageLoss(collection, repository, image, sound, loss.of),
          ...(isCertain ? { isCertain } : {}),
        })
      if (broken.length > 0) losesRepair.push(imageLoss(collection, repository, image, broken, loss.of))
    }
    const images = lostWithoutTags(collection, repository, state)
    if (images > 0) emptied.push({ repository: repository.name, images })
    // Version 2 visits a repository without manifests, and keeps as little of it.
    const why = whyUnseen.get(repository) ?? (hasNoManifests(repository) ? 'no _manifests' : undefined)
    if (why !== undefined && mayLose(repository, collection, now))
      unseen.push({ repository: repository.name, why })
    for (const tag of repository.tags) history += tag.history.filter(({ digest }) => gone.has(digest)).length
  }
  return {
    ...options,
    likelihood,
    ...(isPartial ? { isPartial } : {}),
    // Nothing was pushed yet: that it ends with an error then is no harm.
    aborts: entries(
      (isFresh(inventory) ? [] : collection.aborts)
        .filter((abort) => !isPartial || isCertainAbort(abort, options, knownPaths))
        .map((abort) => abortFact(inventory, abort)),
    ),
    breaks: entries(harm(breaks)),
    losesRepair: entries(harm(losesRepair)),
    emptied: entries(harm(emptied)),
    unseen: entries(harm(unseen)),
    referrers: entries(referrers),
    removed: {
      revisions: collection.removedRevisions.length,
      history,
      layerLinks: collection.removedLayers.reduce((sum, { digests }) => sum + digests.length, 0),
    },
    freed: freedBy(collection, maxEntries),
  }
}

const firstOf = <T>(list: T[], max: number): { first: T[]; total: number } => ({
  first: list.slice(0, max),
  total: list.length,
})

/**
 * Whether data that a repository links is deleted, and the repository is more than a first push that goes on, or was interrupted. What
 * an earlier collection deleted, or another repository keeps, it does not lose.
 */
function mayLose(repository: StoredRepository, collection: Collection, now: number): boolean {
  const { revisions, tags, layers, uploads } = repository
  const { blobs } = collection.inventory
  const isYoung = (digest: number) => now - (blobs.modifiedAt(digest) ?? 0) < pushMs
  if (revisions.length + tags.length === 0 && (uploads.length > 0 || linkedLayers(repository).some(isYoung)))
    return false
  const isLost = ({ content }: StoredRepository['revisions'][number]) =>
    content.state === 'digest' && isDeleted(collection, content.target)
  return (
    revisions.some(isLost) ||
    layers.others.some(isLost) ||
    layers.equal.some((digest) => isDeleted(collection, digest))
  )
}

interface TaggedImage {
  digest: number
  tags: string[]
  /** A tag leads to it now; the links of the others are damaged. */
  isServed: boolean
}

/** The digests that tags point to, each with its tags. */
function tagged({ tags }: StoredRepository): TaggedImage[] {
  const images = new Map<number, TaggedImage>()
  for (const tag of tags) {
    const digest = targetOf(tag)
    if (digest === undefined || tag.current?.state === 'unreadable') continue
    const isServed = tag.current?.state === 'digest'
    const image = images.get(digest)
    if (image) {
      image.tags.push(tag.name)
      image.isServed ||= isServed
    } else images.set(digest, { digest, tags: [tag.name], isServed })
  }
  return Array.from(images.values(), (image) => ({ ...image, tags: image.tags.toSorted(compareNaturally) }))
}

function imageLoss(
  collection: Collection,
  repository: StoredRepository,
  image: TaggedImage,
  leaves: LeafLoss[],
  of: number,
): ImageLoss {
  return {
    repository: repository.name,
    tags: firstOf(image.tags, maxTags),
    digest: collection.inventory.digests.text(image.digest),
    platforms: firstOf(
      leaves.map((leaf) => platformLoss(collection, leaf)),
      maxPlatforms,
    ),
    of,
  }
}

function platformLoss({ inventory }: Collection, leaf: LeafLoss): PlatformLoss {
  const manifest = inventory.manifests.get(leaf.manifest)
  return {
    platform: leaf.platform,
    digest: inventory.digests.text(leaf.manifest),
    reason: leaf.reason,
    ...(leaf.other ? { other: leaf.other.name } : {}),
    manifest: leaf.losesManifest,
    config: leaf.losesConfig,
    layers: leaf.layers,
    bytes: leaf.bytes,
    whole: leaf.isWhole,
    mediaType: manifest?.state === 'parsed' ? manifest.document.mediaType : '',
  }
}

/** How many untagged images of a repository keep their links and lose data: those of one without a folder of tags. */
function lostWithoutTags(
  collection: Collection,
  repository: StoredRepository,
  state: RepositoryState,
): number {
  if (!collection.untouched.has(repository) || collection.options.version === '2.8') return 0
  const isLost = ({ content }: StoredRepository['revisions'][number]) =>
    content.state === 'digest' && state.lossesOf(content.target).leaves.some(({ isHealthy }) => isHealthy)
  return repository.revisions.filter(isLost).length
}

/**
 * Whether a collection stops there whatever stands in what was not read: in a repository that was read wholly, and not because of something
 * that another repository might need.
 */
function isCertainAbort(
  { at, path }: CollectionAbort,
  { version }: CollectionOptions,
  known: ReadonlySet<string>,
): boolean {
  if (at === 'blobs' || at === 'layers' || (at === 'revisions' && version === '3')) return false
  const [repository = ''] = path.split('/_')
  return !path.startsWith('repositories/') || known.has(repository)
}

function abortFact({ digests, blobs }: Inventory, { at, kind, path, why }: CollectionAbort): AbortFact {
  const [algorithm = '', encoded = ''] = path.split('/').slice(-3)
  const id = kind === 'link' ? digests.find(`${algorithm}:${encoded}`) : undefined
  const isWhole = id !== undefined && blobs.size(id) !== undefined
  return { at, kind, path, why, ...(isWhole ? { digest: digests.text(id) } : {}) }
}
