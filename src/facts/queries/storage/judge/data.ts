import type { Inventory, StoredReference } from '../../../storage/inventory.ts'
import { createKeptAs, type KeptAs } from '../kept-as.ts'

/** What the storage has of a digest. `unread`: it may be there, and could not be read. `wrong-size`: not the size that the manifests state, all of which agree that it is wrong. */
export type DataState =
  | { state: 'whole' }
  | { state: 'missing' }
  | { state: 'unread' }
  | { state: 'corrupt' }
  /** `isHashed`: its content is wrong. Else the manifest may be, whose size no other confirms. */
  | { state: 'wrong-size'; stated: number; actual: number; isHashed: boolean }

/** What is known of content from hashing it; undefined if it was not hashed. */
export type Hashed = (digest: number) => 'sound' | 'corrupt' | undefined

/** A manifest states a wrong size, in bytes, for data that is whole: the manifest is at fault, and clients refuse it. */
export interface Misstatement {
  stated: number
  actual: number
  /** The digest of the manifest. */
  by: number
}

/** What the storage has of each digest, and which manifests are wrong about it. */
export interface DataReader {
  dataOf: (digest: number) => DataState
  /** Whether the manifest `by` states a wrong size in this reference. */
  misstatementIn: (reference: StoredReference, by: number) => Misstatement | undefined
}

/**
 * Compares each data file with every descriptor that names it. Where no manifest states the actual size and hashing did not prove the
 * content, the data is at fault; otherwise the manifests that state another size are.
 */
export function createDataReader(
  { blobs, manifests, unread }: Inventory,
  hashedDirectly: Hashed,
  keptAs: KeptAs,
): DataReader {
  const sizeOf = (digest: number) => blobs.size(keptAs(digest))
  const hashed: Hashed = (digest) => hashedDirectly(keptAs(digest))
  const { stated, agreed } = statedSizes({ blobs, manifests }, keptAs)
  const proven = new Set(
    [...stated.keys()].filter(
      (digest) => hashed(digest) === 'sound' || (agreed.has(digest) && hashed(digest) !== 'corrupt'),
    ),
  )

  const dataOf = (digest: number): DataState => {
    const actual = sizeOf(digest)
    if (actual === undefined) return unread.data(keptAs(digest)) ? notRead : missing
    const size = proven.has(digest) ? undefined : stated.get(digest)
    if (size !== undefined)
      return { state: 'wrong-size', stated: size, actual, isHashed: hashed(digest) !== undefined }
    return hashed(digest) === 'corrupt' ? corrupt : whole
  }
  const misstatementIn = ({ digest, size }: StoredReference, by: number): Misstatement | undefined => {
    const actual = proven.has(digest) ? (sizeOf(digest) ?? size) : size
    return actual === size ? undefined : { stated: size, actual, by }
  }
  return { dataOf, misstatementIn }
}

// One value of each for millions of blobs.
const whole: DataState = { state: 'whole' }
const missing: DataState = { state: 'missing' }
const notRead: DataState = { state: 'unread' }
const corrupt: DataState = { state: 'corrupt' }

/** The sizes that manifests state wrongly for the data that exists, by digest, and the digests of which some manifest states the right one. */
function statedSizes(
  { blobs, manifests }: Pick<Inventory, 'blobs' | 'manifests'>,
  keptAs: KeptAs,
): { stated: Map<number, number>; agreed: Set<number> } {
  // Few, or none.
  const stated = new Map<number, number>()
  const agreed = new Set<number>()
  const sizeOf = (digest: number) => blobs.size(keptAs(digest))
  for (const { digest, size } of sizedReferences(manifests)) {
    const actual = sizeOf(digest)
    if (actual !== undefined && actual !== size && !stated.has(digest)) stated.set(digest, size)
  }
  if (stated.size > 0)
    for (const { digest, size } of sizedReferences(manifests))
      if (stated.has(digest) && sizeOf(digest) === size) agreed.add(digest)
  return { stated, agreed }
}

/** The data that has not the size that the manifests state, where none of them confirms it: only its hash tells which of both is wrong. */
export function sizeSuspects(inventory: Inventory): number[] {
  const keptAs = createKeptAs(inventory)
  const { stated, agreed } = statedSizes(inventory, keptAs)
  return [...new Set([...stated.keys()].filter((digest) => !agreed.has(digest)).map(keptAs))]
}

/** Every reference of every manifest. */
export function* references(manifests: Inventory['manifests']): Generator<StoredReference> {
  for (const manifest of manifests.values())
    if (manifest.state === 'parsed') yield* manifest.document.references
}

/** Every reference with a size. Schema 1 states none. */
function* sizedReferences(manifests: Inventory['manifests']): Generator<StoredReference> {
  for (const manifest of manifests.values())
    if (manifest.state === 'parsed' && manifest.document.kind !== 'schema1')
      yield* manifest.document.references
}
