import type { Inventory, StoredReference } from '../../../storage/inventory.ts'
import type { KeptAs } from '../kept-as.ts'

/** What the storage has of a digest. `unread`: it may be there, and could not be read. `wrong-size`: not the size that the manifests state, all of which agree that it is wrong. */
export type DataState =
  | { state: 'whole' }
  | { state: 'missing' }
  | { state: 'unread' }
  | { state: 'corrupt' }
  | { state: 'wrong-size'; stated: number; actual: number }

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
  // The digests that some manifest states another size for; few, or none.
  const stated = new Map<number, number>()
  for (const reference of sizedReferences(manifests)) {
    const actual = sizeOf(reference.digest)
    if (actual !== undefined && actual !== reference.size && !stated.has(reference.digest))
      stated.set(reference.digest, reference.size)
  }
  const proven = new Set([...stated.keys()].filter((digest) => hashed(digest) === 'sound'))
  if (stated.size > 0)
    for (const { digest, size } of sizedReferences(manifests))
      if (stated.has(digest) && sizeOf(digest) === size && hashed(digest) !== 'corrupt') proven.add(digest)

  const dataOf = (digest: number): DataState => {
    const actual = sizeOf(digest)
    if (actual === undefined) return unread.data(keptAs(digest)) ? notRead : missing
    const size = proven.has(digest) ? undefined : stated.get(digest)
    if (size !== undefined) return { state: 'wrong-size', stated: size, actual }
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
