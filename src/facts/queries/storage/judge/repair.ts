import { isRepositoryPath, isTag } from '../../../../oci/reference.ts'
import type { Inventory, StoredRepository } from '../../../storage/inventory.ts'
import { type RepairPlan, type RepairStep, repairActions } from '../../../storage/repair.ts'
import type { KeptAs } from '../kept-as.ts'
import { type JudgedImage, maxTags } from './images.ts'
import { needsOf } from './needs.ts'
import { putType } from './restore.ts'

/** So many steps are listed. */
const maxSteps = 2000

/** An image to repair, and the tags of it whose own link must be written. */
export interface ImageToRepair {
  judged: JudgedImage
  repository: StoredRepository
  brokenTags: string[]
}

/** A step before the images that share it are known. Steps of one action are taken by `order`, the highest first. */
type Draft = Omit<RepairStep, 'images'> & { order?: number }

/**
 * Plans the repair of images. The order matters: a registry does not replace a damaged file, so that goes first; its cache keeps wrong
 * sizes, so that a restart follows; and it takes a manifest only if it has what that lists.
 */
export function planRepair(images: ImageToRepair[], inventory: Inventory, keptAs: KeptAs): RepairPlan {
  const steps = new Map<string, RepairStep & { order: number }>()
  for (const image of images) {
    const name = nameOf(image, inventory)
    for (const { order = 0, ...step } of draftsOf(image, inventory, keptAs)) {
      const { action, repository, digest, tag } = step
      const key = [action, repository, digest, tag].join(' ')
      const known = steps.get(key) ?? { ...step, images: [], order }
      if (!known.images.includes(name)) known.images.push(name)
      steps.set(key, { ...known, order: Math.max(known.order, order) })
    }
  }
  const ordered = [...steps.values()].toSorted(
    (a, b) => repairActions.indexOf(a.action) - repairActions.indexOf(b.action) || b.order - a.order,
  )
  const listed = withSources(
    ordered.slice(0, maxSteps).map(({ order: _, ...step }) => step),
    inventory,
    keptAs,
  )
  return {
    steps: listed,
    more: ordered.length - listed.length,
    bytes: listed.reduce((total, { bytes }) => total + bytes, 0),
  }
}

/** The name that people know an image by. */
function nameOf({ judged: { top, tags }, repository }: ImageToRepair, { digests }: Inventory): string {
  const [tag] = tags
  return tag ? `${repository.name}:${tag.name}` : `${repository.name}@${digests.text(top.digest)}`
}

function draftsOf(
  { judged, repository, brokenTags }: ImageToRepair,
  inventory: Inventory,
  keptAs: KeptAs,
): Draft[] {
  const { digests, blobs, isCache } = inventory
  const { image, top, tags } = judged
  const needs = needsOf(judged)
  const sized = (digest: number) => {
    const kept = keptAs(digest)
    return {
      digest: digests.text(digest),
      bytes: blobs.size(kept) ?? 0,
      ...(kept === digest ? {} : { keptAs: digests.text(kept) }),
    }
  }
  const put = (digest: number) => {
    const mediaType = putType({ stored: inventory.manifests.get(digest) })
    return {
      repository: repository.name,
      ...sized(digest),
      ...(mediaType === undefined ? {} : { mediaType }),
    }
  }
  const moves = [...needs.moveAway].map(
    ([digest, isHashed]): Draft => ({
      ...{ action: 'move-away', ...sized(keptAs(digest)), bytes: 0 },
      ...(isHashed ? {} : { isUnproven: true }),
    }),
  )
  const lacks = ['restore-platforms', 'roll-back', 'rebuild'].includes(image?.outcome ?? 'none')
  // A registry answers requests for names of another form with an error.
  const canName = isRepositoryPath(repository.name)
  const toPush = lacks && canName ? tags.slice(0, maxTags).filter(({ name }) => isTag(name)) : []
  const restart: Draft[] = moves.length > 0 || toPush.length > 0 ? [{ action: 'restart', bytes: 0 }] : []
  if (isCache || !canName) return [...moves, ...restart]

  const isPullable = judged.state === 'pullable' || image?.outcome === 'restore'
  return [
    ...moves,
    ...restart,
    ...[...needs.linkBlobs].map(
      (digest): Draft => ({ action: 'mount-blob', repository: repository.name, ...sized(digest) }),
    ),
    ...[...needs.putManifests].map(
      ([digest, order]): Draft => ({ action: 'put-manifest', ...put(digest), order }),
    ),
    ...brokenTags
      .filter((name) => isPullable && isTag(name))
      .map((name): Draft => ({ action: 'put-tag', ...put(top.digest), tag: name })),
    ...(needs.hasForeignLink ? [{ action: 'restart-again', bytes: 0 } as const] : []),
    ...(image?.rollBacks ?? []).flatMap(({ tag, digest, others = [] }): Draft[] => {
      const previous = digests.find(digest)
      // Which of several is the newest, a person has to decide.
      return previous === undefined || others.length > 0 || !isTag(tag)
        ? []
        : [{ action: 'roll-back', ...put(previous), tag }]
    }),
    ...toPush.map(
      ({ name }): Draft => ({ action: 'push-again', repository: repository.name, tag: name, bytes: 0 }),
    ),
  ]
}

/** Blobs are linked from a repository that has them, which moves no data; where no other has one, its file is uploaded. */
function withSources(
  steps: RepairStep[],
  { repositories, digests }: Inventory,
  keptAs: KeptAs,
): RepairStep[] {
  const wanted = new Set<number>()
  for (const { action, digest } of steps)
    if (action === 'mount-blob' && digest !== undefined) wanted.add(digests.find(digest) ?? -1)
  // A mount of such a name writes a link that leads nowhere.
  for (const digest of keptAs.others) wanted.delete(digest)
  const sources = new Map<number, string>()
  if (wanted.size > 0)
    for (const { name, layers } of repositories.filter((one) => isRepositoryPath(one.name)))
      for (const digest of layers.equal)
        if (wanted.has(digest) && !sources.has(digest)) sources.set(digest, name)
  return steps.map((step) => {
    if (step.action !== 'mount-blob' || step.digest === undefined) return step
    const from = sources.get(digests.find(step.digest) ?? -1)
    return from === undefined ? { ...step, action: 'upload-blob' } : { ...step, from, bytes: 0 }
  })
}
