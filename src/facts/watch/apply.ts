import { type Observed, seen } from '../../core/observed.ts'
import type { BlobState, ManifestState } from '../image.ts'
import { type ObjectState, type RepositoryState, tagsByImage } from './state.ts'

/** What HEAD says of a tag. */
export type TagLook = Observed<{ state: 'found'; digest: string } | { state: 'absent' }>
/** What HEAD says of a manifest. */
export type ManifestLook = Observed<{ state: 'listed' | 'absent' }>

/** How what was seen compares with what was known: `suspect` was good or new and is broken, `recovered` the other way round. */
export type Change = 'same' | 'suspect' | 'recovered' | 'unknown'

/** Drops the tags that are not listed any more. Returns them: what deletes tags may delete more. */
export function keepListed({ tags }: RepositoryState, listed: readonly string[]): string[] {
  const names = new Set(listed)
  const gone = [...tags.keys()].filter((tag) => !names.has(tag))
  for (const tag of gone) tags.delete(tag)
  return gone
}

/** Records what a tag refers to now. What could not be seen changes nothing. */
export function applyTag(repository: RepositoryState, tag: string, look: TagLook, now: number): Change {
  const { tags } = repository
  const known = tags.get(tag) ?? { firstSeen: now }
  if (!look.seen) {
    tags.set(tag, known)
    return 'unknown'
  }
  if (look.value.state === 'absent') {
    const { digest: _gone, ...rest } = known
    tags.set(tag, rest)
    return rest.fault?.confirmed === undefined ? 'suspect' : 'same'
  }
  const { fault, ...rest } = known
  const { digest } = look.value
  const hasMoved = known.digest !== undefined && known.digest !== digest
  tags.set(tag, { ...rest, digest, ...(hasMoved ? { moved: now } : {}) })
  // A tag that is found lists its manifest. What was broken is judged by a look of its own.
  if (repository.objects.get(digest)?.firstBroken === undefined)
    applyManifest(repository, digest, seen({ state: 'listed' }), now)
  return fault?.confirmed === undefined ? 'same' : 'recovered'
}

/** Records whether a known manifest is listed. */
export function applyManifest(
  { objects }: RepositoryState,
  digest: string,
  look: ManifestLook,
  now: number,
): Change {
  const known = objects.get(digest)
  if (!known || !look.seen) return look.seen ? 'same' : 'unknown'
  // What is listed may well have the wrong bytes.
  if (known.onlyByHash && look.value.state === 'listed') return 'same'
  return recorded(objects, known, look.value.state === 'listed', now)
}

/** Records how a manifest was served that was read whole. */
export function applyManifestRead(
  { objects }: RepositoryState,
  digest: string,
  state: ManifestState['state'],
  now: number,
): void {
  const known = objects.get(digest)
  if (!known) return
  const { onlyByHash: _hash, ...rest } = known
  const isAltered = state === 'altered'
  const object = isAltered ? { ...rest, onlyByHash: true as const } : rest
  recorded(objects, object, state !== 'absent' && !isAltered, now)
}

/** Records how a blob was served. `hashed`: all of it was read on purpose, so that its content is judged, too. */
export function applyBlob(
  { objects }: RepositoryState,
  digest: string,
  look: Observed<BlobState>,
  now: number,
  hashed = false,
): Change {
  const known = objects.get(digest)
  if (!known || !look.seen) return look.seen ? 'same' : 'unknown'
  const { value } = look
  if (value.state !== 'proven') {
    const onlyByHash = value.state === 'altered' && hashed
    return recorded(objects, { ...known, ...(onlyByHash ? { onlyByHash } : {}) }, false, now)
  }
  // Its end may well be served while its content is wrong.
  if (known.onlyByHash && value.proof !== 'whole') return 'same'
  const { onlyByHash: _hash, ...rest } = known
  const isProven = value.proof === 'last-byte' || value.proof === 'whole'
  return recorded(
    objects,
    {
      ...rest,
      ...(isProven || known.proof === undefined ? { proof: value.proof } : {}),
      ...(value.proof === 'whole' ? { hashedAt: now } : {}),
    },
    true,
    now,
    isProven,
  )
}

function recorded(
  objects: RepositoryState['objects'],
  known: ObjectState,
  good: boolean,
  now: number,
  proven = good,
): Change {
  const { firstBroken, ...rest } = known
  objects.set(known.digest, {
    ...rest,
    lastLooked: now,
    ...(proven ? { lastProven: now } : {}),
    ...(good ? {} : { firstBroken: firstBroken ?? now }),
  })
  if (good) return firstBroken === undefined ? 'same' : 'recovered'
  return firstBroken === undefined ? 'suspect' : 'same'
}

/** Forgets the images that no tag refers to any more, and the objects that no image lists any more. */
export function forgetUnused(repository: RepositoryState): void {
  const { images, objects } = repository
  const tagged = tagsByImage(repository)
  for (const digest of images.keys()) if (!tagged.has(digest)) images.delete(digest)
  const used = new Set(
    [...images.values()].flatMap(({ digest, manifests, blobs }) => [digest, ...manifests, ...blobs]),
  )
  for (const digest of objects.keys()) if (!used.has(digest)) objects.delete(digest)
}
