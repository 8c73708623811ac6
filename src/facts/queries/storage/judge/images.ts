import { compareNaturally } from '../../../../core/natural-order.ts'
import type { StoredImage } from '../../../storage/image.ts'
import type { Inventory, StoredRepository, StoredTag } from '../../../storage/inventory.ts'
import { damageOf, platformOf } from './damage.ts'
import {
  isAttestation,
  isLeafRestorable,
  type JudgedManifest,
  type Leaf,
  leavesOf,
  stateOfLeaf,
} from './judged.ts'

/** So many tags of an image are listed, and so many platforms. */
export const maxTags = 20
const maxPlatforms = 50

/** Judges a manifest of the repository at hand. */
export type Judge = (digest: number) => JudgedManifest

/** A manifest that clients ask for: through tags, or by its digest alone. */
export interface TopManifest {
  digest: number
  tags: StoredTag[]
}

/** Times that are closer do not tell which was later: a copy or a restore of a storage writes whole histories at once. */
const minApartMs = 1000

/**
 * What a tag may point to: what its link says; if that is damaged, what a push wrote last into its history, which it does before it writes
 * the link. Several where their times are equal.
 */
export function candidatesOf({ current, history }: StoredTag): number[] {
  if (current?.state === 'digest') return [current.target]
  const newest = history.reduce((latest, { at = 0 }) => Math.max(latest, at), 0)
  return history.filter(({ at = 0 }) => newest - at < minApartMs).map(({ digest }) => digest)
}

/** The same where there is no doubt. */
export function targetOf(tag: StoredTag): number | undefined {
  const [target, ...others] = candidatesOf(tag)
  return others.length === 0 ? target : undefined
}

/** The manifests of a repository that clients ask for: those of its tags, and those that it links but neither a tag nor an index names. */
export function topManifests({ tags, revisions }: StoredRepository, { manifests }: Inventory): TopManifest[] {
  const tagged = Map.groupBy(
    tags.filter((tag) => targetOf(tag) !== undefined),
    (tag) => targetOf(tag) ?? -1,
  )
  const linked = revisions.flatMap(({ path }) => path ?? [])
  const listed = new Set([...linked, ...tagged.keys()].flatMap((digest) => listedBy(digest, manifests)))
  const alone = linked.filter((digest) => !tagged.has(digest) && !listed.has(digest))
  return [
    ...[...tagged].map(([digest, pointing]) => ({
      digest,
      tags: pointing.toSorted((a, b) => compareNaturally(a.name, b.name)),
    })),
    ...alone.map((digest) => ({ digest, tags: [] })),
  ]
}

/** The manifests that an index lists. */
function listedBy(digest: number, manifests: Inventory['manifests']): number[] {
  const stored = manifests.get(digest)
  if (stored?.state !== 'parsed' || stored.document.kind !== 'index') return []
  return stored.document.references.flatMap((reference) =>
    reference.role === 'child' && reference.digest !== digest ? [reference.digest] : [],
  )
}

/** An image as a repository serves it; `image` describes it where something of it is not whole. */
export interface JudgedImage {
  top: JudgedManifest
  tags: StoredTag[]
  leaves: Leaf[]
  /** `pullable`: whole for every platform, but those that the storage has no trace of. */
  state: 'pullable' | 'broken' | 'unknown'
  image?: StoredImage
}

/** Judges what clients get that ask for a manifest. */
export function judgeImage(
  { digest, tags }: TopManifest,
  repository: StoredRepository,
  { digests, isCache }: Inventory,
  judge: Judge,
): JudgedImage {
  const top = judge(digest)
  const leaves = leavesOf(top)
  const chosen = leaves.filter(({ manifest }) => !isAttestation(manifest))
  const state = stateOfImage(top, chosen, isCache)
  const judged = { top, tags, leaves, state }
  // That a cache lacks what was never pulled through it is normal.
  const notWhole = leaves.filter((leaf) => stateOfLeaf(leaf) !== 'whole' && !(isCache && isAbsent(leaf)))
  if (state === 'unknown' || (state === 'pullable' && notWhole.length === 0)) return judged
  const platforms = notWhole.filter(({ manifest }) => !isAttestation(manifest))
  const isWholeLeaf = (leaf: Leaf) => stateOfLeaf(leaf) === 'whole'
  const rollBacks = state === 'broken' && !isCache ? rollBacksOf(tags.slice(0, maxTags), digest, judge) : []
  return {
    ...judged,
    image: {
      repository: repository.name,
      digest: digests.text(digest),
      kind: kindOf(top),
      tags: tags.slice(0, maxTags).map(({ name }) => name),
      tagCount: tags.length,
      top: isCache && top.state === 'absent' ? [] : damageOf(top, digests),
      platforms: platforms.slice(0, maxPlatforms).map((leaf) => platformOf(leaf, top, digests)),
      platformCount: chosen.length,
      wholeCount: isServed(top) ? chosen.filter(isWholeLeaf).length : 0,
      attestations: {
        listed: leaves.length - chosen.length,
        broken: notWhole.length - platforms.length,
      },
      outcome: isCache ? 'fetch-again' : outcomeOf(judged, chosen, rollBacks.length > 0),
      rollBacks: rollBacks.map(({ digest: to, others, ...one }) => ({
        ...{ ...one, digest: digests.text(to) },
        ...(others.length > 0
          ? { others: others.slice(0, maxOthers).map((other) => digests.text(other)) }
          : {}),
      })),
    },
  }
}

/** Whether the manifest itself is served; for an index, whatever becomes of its children. */
const isServed = (top: JudgedManifest): boolean => top.state === 'whole' || top.state === 'unknown'
const isAbsent = (leaf: Leaf): boolean => stateOfLeaf(leaf) === 'absent'

function stateOfImage(top: JudgedManifest, chosen: Leaf[], isCache: boolean): JudgedImage['state'] {
  const states = chosen.map(stateOfLeaf)
  const isLost =
    !isCache && (top.state === 'absent' || (states.length > 0 && states.every((one) => one === 'absent')))
  if (isLost || top.state === 'broken' || states.includes('broken')) return 'broken'
  return top.state === 'unknown' || states.includes('unknown') ? 'unknown' : 'pullable'
}

function kindOf({ stored }: JudgedManifest): StoredImage['kind'] {
  const kind = stored?.state === 'parsed' ? stored.document.kind : 'other'
  return kind === 'index' || kind === 'image' ? kind : 'other'
}

function outcomeOf(
  { top, leaves, state }: JudgedImage,
  chosen: Leaf[],
  canRollBack: boolean,
): StoredImage['outcome'] {
  const isWrong = (leaf: Leaf) => stateOfLeaf(leaf) === 'broken'
  if (state === 'pullable')
    return leaves.some((leaf) => isWrong(leaf) && isLeafRestorable(leaf)) ? 'restore' : 'none'
  const broken = chosen.filter(isWrong)
  const restorable = top.isRestorable ? broken.filter(isLeafRestorable) : []
  const isEnough = top.isRestorable && restorable.length === broken.length && !chosen.every(isAbsent)
  if (isEnough) return 'restore'
  if (restorable.length > 0) return 'restore-platforms'
  return canRollBack ? 'roll-back' : 'rebuild'
}

/** So many digests are named that may be the newest. */
const maxOthers = 10

/**
 * For each tag the newest digest in its history that is whole, with those whose times are too close to tell. None for a tag that is
 * being pushed: it moves without help.
 */
function rollBacksOf(
  tags: StoredTag[],
  current: number,
  judge: Judge,
): { tag: string; digest: number; at?: number; others: number[] }[] {
  return tags.flatMap(({ name, history, hasMoved }) => {
    if (hasMoved) return []
    const [newest, ...older] = history
      .filter(({ digest }) => digest !== current && isWholeImage(judge(digest)))
      .toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0))
    if (!newest) return []
    const { digest, at } = newest
    const others = older.filter((one) => (at ?? 0) - (one.at ?? 0) < minApartMs).map((one) => one.digest)
    return { tag: name, digest, ...(at === undefined ? {} : { at }), others }
  })
}

/** Whether a client that asks for it gets everything, attestations included. */
const isWholeImage = (top: JudgedManifest): boolean =>
  top.state === 'whole' && leavesOf(top).every((leaf) => stateOfLeaf(leaf) === 'whole')
