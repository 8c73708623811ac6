import type { Failure } from '../../../core/failure.ts'
import type { DigestTable } from '../../../facts/queries/storage/digest-table.ts'
import { childrenOf, linkedManifests } from '../../../facts/queries/storage/linked-manifests.ts'
import { readStoredManifest } from '../../../facts/queries/storage/stored-manifest.ts'
import type { Inventory, LinkContent, StoredManifest } from '../../../facts/storage/inventory.ts'
import type { UnreadPlace } from '../../../facts/storage.ts'
import { eachOf } from '../each-of.ts'
import { sharedTexts } from '../equal-texts.ts'
import { dataPath } from '../filesystem/blobs.ts'
import { linkContent } from '../filesystem/links.ts'
import { maxManifest } from '../filesystem/manifests.ts'
import type { Bucket } from './bucket.ts'
import type { LinkToRead } from './collect.ts'

/** What reading objects needs. */
export interface ObjectReader {
  bucket: Bucket
  /** The key of the root of the layout, with a slash at its end. */
  root: string
  /** The most requests at once. */
  concurrency: number
  onUnread: (place: UnreadPlace) => void
  /** Called with the whole content of each manifest. */
  onManifest: (digest: string, bytes: Buffer) => void
}

/** More than any digest has; what is longer is no link. */
const maxLink = 256

/** Reads links, and puts their contents where they belong. Returns the refusal of the server that ended it, if there was one. */
export const readLinks = (
  reader: ObjectReader,
  digests: DigestTable,
  links: LinkToRead[],
): Promise<Failure | undefined> =>
  untilRefused(links, reader.concurrency, async (link) => {
    const content = await readObject(reader, link.key, {
      size: link.size,
      cap: maxLink,
      half: 'repositories',
    })
    if (content.state === 'refused') return content.why
    // One that is gone since it was listed is no link any more.
    if (content.state !== 'gone') putLink(link, linkOf(content, digests))
    return undefined
  })

type LinkRead = Exclude<ObjectRead, { state: 'gone' | 'refused' }>

const linkOf = (content: LinkRead, digests: DigestTable): LinkContent =>
  content.state === 'unreadable' ? content : linkContent(content.bytes.toString('latin1'), digests)

function putLink(link: LinkToRead, content: LinkContent): void {
  const { repository } = link
  if (link.kind === 'tag') link.tag.current = content
  else if (link.kind === 'revision') repository.revisions.push({ path: link.path, content })
  else repository.layers.others.push({ path: link.path, content })
}

/**
 * Reads the manifests that a repository links or tags, and those that an index among them names, as far as their data exists.
 * Returns the refusal of the server that ended it, if there was one.
 */
export async function readManifests(
  reader: ObjectReader,
  inventory: Inventory,
): Promise<Failure | undefined> {
  const { manifests, blobs, digests } = inventory
  const share = sharedTexts()
  let wanted = linkedManifests(inventory)
  while (wanted.size > 0) {
    const refusal = await untilRefused(wanted, reader.concurrency, async (digest) => {
      const size = blobs.size(digest)
      if (size === undefined || manifests.has(digest)) return undefined
      const content = await readManifest(reader, digests.text(digest), size)
      if (content.state === 'refused') return content.why
      if ('bytes' in content) reader.onManifest(digests.text(digest), content.bytes)
      manifests.set(digest, 'bytes' in content ? share(readStoredManifest(content.bytes, digests)) : content)
      return undefined
    })
    if (refusal) return refusal
    wanted = childrenOf(wanted, inventory)
  }
  return undefined
}

/**
 * Reads the same manifests before the data is listed, so that all digests are known that anything names. Returns how many bytes each has;
 * one that is too large is left out.
 */
export async function readManifestsFirst(
  reader: ObjectReader,
  inventory: Pick<Inventory, 'digests' | 'manifests' | 'repositories'>,
): Promise<{ lengths: Map<number, number>; refusal: Failure | undefined }> {
  const { manifests, digests } = inventory
  const share = sharedTexts()
  const lengths = new Map<number, number>()
  let wanted = linkedManifests(inventory)
  while (wanted.size > 0) {
    const refusal = await untilRefused(wanted, reader.concurrency, async (digest) => {
      if (manifests.has(digest)) return undefined
      const text = digests.text(digest)
      const content = await reader.bucket.read(`${reader.root}${dataPath(text)}`, maxManifest)
      if (!content.seen) return content.why
      if (!content.value?.isWhole) return undefined
      const { bytes } = content.value
      lengths.set(digest, bytes.length)
      reader.onManifest(text, bytes)
      manifests.set(digest, share(readStoredManifest(bytes, digests)))
      return undefined
    })
    if (refusal) return { lengths, refusal }
    wanted = childrenOf(wanted, inventory)
  }
  return { lengths, refusal: undefined }
}

type ManifestRead =
  | Extract<ObjectRead, { state: 'read' | 'refused' }>
  | Extract<StoredManifest, { state: 'invalid' | 'unreadable' }>

async function readManifest(reader: ObjectReader, digest: string, size: number): Promise<ManifestRead> {
  if (size > maxManifest)
    return {
      ...{ state: 'invalid', declared: undefined, schemaVersion: undefined },
      why: `it has ${size} bytes, more than any manifest may have`,
    }
  const content = await readObject(reader, dataPath(digest), { size, cap: maxManifest, half: 'blobs' })
  return content.state === 'gone' ? { state: 'unreadable', why: 'it was gone when it was read' } : content
}

/** An object that was read; `refused` is about the whole bucket. */
type ObjectRead =
  | { state: 'read'; bytes: Buffer }
  | { state: 'unreadable'; why: string }
  | { state: 'gone' }
  | { state: 'refused'; why: Failure }

/** Reads an object that has `size` bytes by the listing, at most `cap` of them, and one more to see whether that is true. */
async function readObject(
  { bucket, root, onUnread }: ObjectReader,
  path: string,
  { size, cap, half }: { size: number; cap: number; half: UnreadPlace['half'] },
): Promise<ObjectRead> {
  const wanted = Math.min(size, cap)
  const content = await bucket.read(`${root}${path}`, wanted + 1)
  if (!content.seen) return { state: 'refused', why: content.why }
  if (content.value === undefined) return { state: 'gone' }
  const { length } = content.value.bytes
  if (length === Math.min(size, cap + 1))
    return { state: 'read', bytes: content.value.bytes.subarray(0, wanted) }
  const why = `the listing says that it has ${size} bytes, and it has ${length > wanted ? 'more' : length}`
  onUnread({ path, half, kind: 'other', why })
  return { state: 'unreadable', why }
}

/** Runs `run` for each item until one returns a refusal, which it returns. */
async function untilRefused<T>(
  items: Iterable<T>,
  limit: number,
  run: (item: T) => Promise<Failure | undefined>,
): Promise<Failure | undefined> {
  let refusal: Failure | undefined
  await eachOf(items, limit, async (item) => {
    if (!refusal) refusal = await run(item)
  })
  return refusal
}
