import { bareMediaType, isForeignLayerType, isManifestType } from '../../../../oci/media-types.ts'
import type { Inventory, StoredReference } from '../../../storage/inventory.ts'
import type { DataReader, DataState } from './data.ts'
import type { FoundManifest, JudgedBlob, JudgedManifest } from './judged.ts'
import type { RepositoryLinks } from './links.ts'
import { isRestorable } from './restore.ts'

/** So deep indexes are followed; real ones are two levels deep. */
const maxDepth = 32

/** Judges the manifests of one repository; each once, however many tags and indexes name it. */
export function createManifestJudge(
  { manifests, isCache }: Inventory,
  links: RepositoryLinks,
  { dataOf, misstatementIn }: DataReader,
): (digest: number) => JudgedManifest {
  const judged = new Map<number, JudgedManifest>()

  /** Those that are not whole; nearly all are, so that nothing is made of them. */
  const blobsOf = (references: StoredReference[], by: number): JudgedBlob[] => {
    const bad: JudgedBlob[] = []
    for (const reference of references) {
      if (isManifestEntry(reference)) continue
      const link = links.layer(reference.digest)
      const data = dataOf(reference.digest)
      const misstated = misstatementIn(reference, by)
      if (link === 'whole' && data.state === 'whole' && misstated === undefined) continue
      const isMissing = link === 'missing' || data.state === 'missing'
      // Layers that a registry may lack are served by others, and what a pull-through cache lacks it fetches.
      const isNormal = isMissing && (isCache || isForeignLayerType(reference.mediaType))
      if (!isNormal) bad.push({ reference, link, data, misstated })
    }
    return bad
  }

  /** `above` are the indexes on the way: one that lists itself is not followed again. */
  const judge = (digest: number, above: readonly number[]): JudgedManifest => {
    const known = judged.get(digest)
    if (known) return known
    const stored = manifests.get(digest)
    const references = stored?.state === 'parsed' ? stored.document.references : []
    const way = [...above, digest]
    const children = way.length > maxDepth ? [] : references.filter(isManifestEntry)
    const found: FoundManifest = {
      ...{ digest, platform: '', misstated: undefined, stored },
      link: links.revision(digest),
      data: dataOf(digest),
      blobs: blobsOf(references, digest),
      children: children
        .filter((child) => !way.includes(child.digest))
        .map((child) => ({
          ...judge(child.digest, way),
          platform: child.platform,
          misstated: misstatementIn(child, digest),
        })),
    }
    const one = {
      ...found,
      state: stateOf(found, isCache),
      isRestorable: isRestorable(found),
      isTreeRestorable: isRestorable(found) && found.children.every((child) => child.isTreeRestorable),
    }
    judged.set(digest, one)
    return one
  }
  return (digest) => judge(digest, [])
}

/** Whether clients request it as a manifest. BuildKit's registry cache without `image-manifest` is an index that lists layers. */
const isManifestEntry = ({ role, mediaType }: StoredReference): boolean =>
  role === 'child' && (mediaType === '' || isManifestType(bareMediaType(mediaType)))

/** The state of the manifest itself and its blobs. */
function stateOf({ link, data, stored, blobs }: FoundManifest, isCache: boolean): JudgedManifest['state'] {
  const [isUnlinked, isLost] = [link === 'missing', data.state === 'missing']
  if (isCache ? isUnlinked || isLost : isUnlinked && isLost) return 'absent'
  const isBroken = (link !== 'whole' && link !== 'unreadable') || isWrong(data) || stored?.state === 'invalid'
  if (isBroken || blobs.some((blob) => !isUnknown(blob))) return 'broken'
  const wasRead = link === 'whole' && data.state === 'whole' && stored?.state === 'parsed'
  return wasRead && blobs.length === 0 ? 'whole' : 'unknown'
}

const isUnknown = ({ link, data, misstated }: JudgedBlob): boolean =>
  (link === 'unreadable' || link === 'whole') && !isWrong(data) && !misstated

const isWrong = ({ state }: DataState): boolean => state !== 'whole' && state !== 'unread'
