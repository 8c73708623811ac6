import type { Finding } from '../../core/finding.ts'
import type { BlobFact, ManifestFact, RepositoryFact, TargetFact } from '../image.ts'
import { mayBeAbsent } from '../queries/image/foreign-layers.ts'
import { documentOf, manifestOf } from '../queries/image/graph.ts'
import { objectsBelow } from '../queries/image/members.ts'
import { applyBlob, applyManifestRead } from './apply.ts'
import type { ImageState, ObjectState, RepositoryState, WatchFault } from './state.ts'

/** An image whose graph was read, with what the checks found in its repository. */
export interface ReadImage {
  digest: string
  /** Whether its manifest was served under its digest. */
  first: TargetFact['first']
  repository: RepositoryFact
  findings: readonly Finding[]
}

/**
 * Records the graph of an image and its faults. A fault counts once two looks agree: with `second`, one that an earlier look had found,
 * or whose object was already known to be broken. What could not be seen this time keeps the faults that it had.
 */
export function applyImage(
  state: RepositoryState,
  read: ReadImage,
  now: number,
  { second }: { second: boolean },
): void {
  const { digest, repository } = read
  const known = state.images.get(digest)
  const root = manifestOf(repository, digest)
  const { manifests, blobs } = root ? graphOf(repository, root) : { manifests: [], blobs: [] }
  const wasBroken = new Set(
    [...manifests, ...blobs].map((one) => one.digest).filter((one) => state.objects.get(one)?.firstBroken),
  )
  for (const manifest of manifests) recordManifest(state, manifest, now)
  for (const blob of blobs) recordBlob(state, blob, now)
  const unseen = new Set([
    ...(read.first.seen ? [] : [digest]),
    ...[...manifests, ...blobs].filter(({ observed }) => !observed.seen).map((one) => one.digest),
  ])
  const own = new Set([...manifests, ...blobs].map((one) => one.digest))
  const before = new Map((known?.faults ?? []).map((fault) => [keyOf(fault), fault]))
  const found = read.findings
    .filter(({ severity }) => severity !== 'note')
    .filter((finding) => (finding.digest ? own.has(finding.digest) : finding.subject.endsWith(`@${digest}`)))
    .map((finding) => {
      const earlier = before.get(keyOf(finding))
      const agreed =
        second && (earlier !== undefined || (finding.digest !== undefined && wasBroken.has(finding.digest)))
      const confirmed = earlier?.confirmed ?? (agreed ? now : undefined)
      return faultOf(finding, {
        firstSeen: earlier?.firstSeen ?? state.objects.get(finding.digest ?? '')?.firstBroken ?? now,
        lastSeen: now,
        ...(confirmed === undefined ? {} : { confirmed }),
      })
    })
  const keys = new Set(found.map(keyOf))
  // What is below a manifest that could not be read is unseen, too, and so is what depends on all manifests.
  const isPartial = manifests.some((one) => unseen.has(one.digest))
  const isUnseen = (one: string): boolean =>
    unseen.has(digest) || unseen.has(one) || (isPartial && (one === digest || !own.has(one)))
  const kept = [...before.values()].filter(
    (fault) => !keys.has(keyOf(fault)) && isUnseen(fault.digest ?? digest),
  )
  // A layer has its turn without the image.
  const isGraphKnown =
    read.first.seen && !isPartial && blobs.every((one) => one.observed.seen || !isConfig(one))
  const image: ImageState = {
    ...{ digest, isIndex: (root && documentOf(root)?.kind === 'index') || (known?.isIndex ?? false) },
    firstSeen: known?.firstSeen ?? now,
    lastRead: now,
    manifests: merged(known?.manifests, manifests, digest),
    blobs: merged(known?.blobs, blobs, digest),
    ...(isGraphKnown ? {} : { incompleteSince: known?.incompleteSince ?? now }),
    faults: [...found, ...kept],
  }
  state.images.set(digest, image)
}

/** The fields of a fault that a finding has. */
export function faultOf(
  { id, severity, digest, subject, message, title, advice, platforms = [] }: Finding,
  times: Pick<WatchFault, 'firstSeen' | 'lastSeen'> & Partial<Pick<WatchFault, 'confirmed'>>,
): WatchFault {
  return {
    ...{ id, severity, subject, message, title, advice, platforms },
    ...(digest ? { digest } : {}),
    ...times,
  }
}

const keyOf = ({ id, digest, subject }: Pick<WatchFault, 'id' | 'subject'> & { digest?: string }): string =>
  `${id} ${digest || subject}`

/** Attestations and nested indexes included; blobs that a registry may lack are left out. */
function graphOf(
  repository: RepositoryFact,
  root: ManifestFact,
): { manifests: ManifestFact[]; blobs: BlobFact[] } {
  const { manifests, blobs } = objectsBelow(repository, root)
  return {
    manifests: [...new Set([root, ...manifests])],
    blobs: blobs.filter((blob) => !mayBeAbsent(blob)),
  }
}

/** A graph never changes, but what is gone does not show what was below it. */
const merged = (known: readonly string[] = [], now: readonly { digest: string }[], root: string): string[] =>
  [...new Set([...known, ...now.map(({ digest }) => digest)])].filter((digest) => digest !== root)

function recordManifest(state: RepositoryState, { digest, descriptor, observed }: ManifestFact, now: number) {
  know(state, { digest, kind: 'manifest', size: descriptor?.size ?? 0, mediaType: '', firstSeen: now })
  if (observed.seen) applyManifestRead(state, digest, observed.value.state, now)
}

const isConfig = ({ uses }: Pick<BlobFact, 'uses'>): boolean => uses.some(({ field }) => field === 'config')

function recordBlob(state: RepositoryState, { digest, descriptor, uses, observed }: BlobFact, now: number) {
  const kind = isConfig({ uses }) ? 'config' : 'layer'
  know(state, { digest, kind, size: descriptor.size, mediaType: descriptor.mediaType, firstSeen: now })
  applyBlob(state, digest, observed, now)
}

function know({ objects }: RepositoryState, fresh: ObjectState): void {
  if (!objects.has(fresh.digest)) objects.set(fresh.digest, fresh)
}

/**
 * The images to read again: those with a fault that no second look has confirmed yet and, from time to time, those whose fault shows only
 * when they are read. What is wrong with the content of a digest stays so.
 */
export function imagesToReadAgain({ images, objects }: RepositoryState, now: number, everyMs: number) {
  const onlyByReading = ({ digest, manifests, faults }: ImageState): boolean =>
    [digest, ...manifests].some((one) => objects.get(one)?.onlyByHash) ||
    (faults.length > 0 && !objects.has(digest)) ||
    // A tag may be found while what it refers to is not served: such a fault is of no object.
    faults.some((fault) => fault.digest === undefined)
  return [...images.values()]
    .filter(
      (image) =>
        image.faults.some(({ confirmed }) => confirmed === undefined) ||
        (Math.abs(now - image.lastRead) >= everyMs && onlyByReading(image)),
    )
    .map(({ digest }) => digest)
}

/** The images that an object belongs to. */
export const imagesWith = ({ images }: RepositoryState, digests: ReadonlySet<string>): string[] =>
  [...images.values()]
    .filter(
      ({ digest, manifests, blobs }) =>
        digests.has(digest) ||
        manifests.some((one) => digests.has(one)) ||
        blobs.some((one) => digests.has(one)),
    )
    .map(({ digest }) => digest)

/** Keeps the time of faults whose objects were seen broken once more. */
export function touchFaults({ images, objects }: RepositoryState): void {
  for (const image of images.values())
    image.faults = image.faults.map((fault) => {
      const object = objects.get(fault.digest ?? '')
      return object?.firstBroken === undefined || object.lastLooked === undefined
        ? fault
        : { ...fault, lastSeen: Math.max(fault.lastSeen, object.lastLooked) }
    })
}
