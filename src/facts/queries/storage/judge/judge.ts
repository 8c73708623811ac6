import type { BrokenTag, StorageFaults } from '../../../storage/fault.ts'
import type { Inventory, StoredRepository, StoredTag } from '../../../storage/inventory.ts'
import type { JudgedStorage } from '../../../storage/judged.ts'
import { createKeptAs } from '../kept-as.ts'
import { brokenLinks } from './broken-links.ts'
import { createDataReader, type Hashed } from './data.ts'
import { candidatesOf, type Judge, type JudgedImage, judgeImage, targetOf, topManifests } from './images.ts'
import { corruptData, linksWithoutData, listed, unreferencedData } from './leftovers.ts'
import { createLinkReader } from './links.ts'
import { lostManifests, lostTags } from './lost-tags.ts'
import { createManifestJudge } from './manifest.ts'
import { type ImageToRepair, planRepair } from './repair.ts'

/** So many images are listed; those with tags come first. */
const maxImages = 200
/** So many manifests are named that a tag may have pointed to. */
const maxCandidates = 10

/** Judges a storage by what a registry would serve from it. `now` in milliseconds. */
export function judgeStorage(inventory: Inventory, hashed: Hashed, now: number): JudgedStorage {
  const keptAs = createKeptAs(inventory)
  const data = createDataReader(inventory, hashed, keptAs)
  const linksOf = createLinkReader(inventory, keptAs)
  const counts = { tags: 0, tagged: 0, whole: 0, unknown: 0 }
  const found = { tagged: [] as ImageToRepair[], alone: [] as ImageToRepair[] }
  const [tags, links]: [BrokenTag[], StorageFaults['links']['items']] = [[], []]
  const missing = new Set<number>()
  let broken = 0

  for (const repository of inventory.repositories) {
    const judge = createManifestJudge(inventory, linksOf(repository), data)
    links.push(...brokenLinks(repository, inventory))
    counts.tags += repository.tags.length
    const isUnread = (tag: StoredTag) => isUnreadTag(tag, repository, inventory)
    const read = { ...repository, tags: repository.tags.filter((tag) => !isUnread(tag)) }
    const unreadTags = repository.tags.length - read.tags.length
    counts.tagged += unreadTags
    counts.unknown += unreadTags
    for (const top of topManifests(read, inventory)) {
      const judged = judgeImage(top, repository, inventory, judge)
      const isTagged = top.tags.length > 0
      const brokenTags = top.tags.filter(({ current }) => isBrokenTag(current)).map(({ name }) => name)
      if (isTagged) {
        counts.tagged += 1
        if (judged.state === 'pullable' && brokenTags.length < top.tags.length) counts.whole += 1
        if (judged.state === 'unknown') counts.unknown += 1
      }
      if (!judged.image && brokenTags.length === 0) continue
      if (judged.image) {
        broken += 1
        addMissing(judged, missing)
      }
      const kept = isTagged ? found.tagged : found.alone
      if (kept.length < maxImages) kept.push({ judged, repository, brokenTags })
    }
    for (const tag of read.tags)
      if (isBrokenTag(tag.current)) tags.push(brokenTag(tag, repository, inventory, judge))
  }

  const kept = [...found.tagged, ...found.alone].slice(0, maxImages)
  const images = kept.flatMap(({ judged }) => judged.image ?? [])
  return {
    images: { ...counts, broken: images, more: broken - images.length },
    faults: {
      tags: listed(tags),
      lostTags: listed(lostTags(inventory, now)),
      lostManifests: listed(lostManifests(inventory, now)),
      links: listed(links),
      linksWithoutData: inventory.isCache ? listed([]) : linksWithoutData(inventory, missing),
      unreferenced: unreferencedData(inventory, now),
      corrupt: listed(corruptData(inventory, hashed, keptAs)),
      foreign: listed(
        inventory.strays.map(({ path, kind }) => ({ path, stopsCollection: kind === 'data-path' })),
      ),
    },
    repair: planRepair(kept, inventory, keptAs),
  }
}

const isBrokenTag = (current: StoredTag['current']): boolean =>
  current === undefined || current.state === 'empty' || current.state === 'malformed'

/** Whether what a tag points to could not be read. */
const isUnreadTag = (
  { name, current }: StoredTag,
  repository: StoredRepository,
  { unread }: Inventory,
): boolean => (current === undefined ? unread.tag(repository.name, name) : current.state === 'unreadable')

/** The blobs whose data a broken image lacks. */
function addMissing({ leaves }: JudgedImage, missing: Set<number>): void {
  for (const { manifest, above } of leaves)
    for (const { blobs } of [...above, manifest])
      for (const { reference, data } of blobs) if (data.state === 'missing') missing.add(reference.digest)
}

function brokenTag(
  tag: StoredTag,
  repository: StoredRepository,
  inventory: Inventory,
  judge: Judge,
): BrokenTag {
  const { current, name, history } = tag
  const target = targetOf(tag)
  const link = current?.state === 'empty' || current?.state === 'malformed' ? current.state : 'missing'
  const base: BrokenTag = {
    ...{ repository: repository.name, tag: name, link },
    ...(current?.state === 'malformed' ? { text: current.text } : {}),
  }
  const candidates = candidatesOf(tag)
  if (target === undefined)
    return candidates.length === 0
      ? base
      : { ...base, candidates: candidates.slice(0, maxCandidates).map((one) => inventory.digests.text(one)) }
  const { state, image } = judgeImage({ digest: target, tags: [tag] }, repository, inventory, judge)
  const at = history.find(({ digest }) => digest === target)?.at
  return {
    ...base,
    last: {
      digest: inventory.digests.text(target),
      ...(at === undefined ? {} : { at }),
      pullable: state === 'pullable' || image?.outcome === 'restore',
    },
  }
}
