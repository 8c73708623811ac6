import type { StoredManifest, StoredReference } from '../../../storage/inventory.ts'
import type { DataState, Misstatement } from './data.ts'
import type { LinkState } from './links.ts'

/** A blob that a repository cannot serve, or not as the manifest states. */
export interface JudgedBlob {
  reference: StoredReference
  link: LinkState
  data: DataState
  /** What the manifest states wrongly about it. */
  misstated: Misstatement | undefined
}

/** What one repository has of a manifest. */
export interface FoundManifest {
  digest: number
  /** As the index that lists it says; empty for any other manifest. */
  platform: string
  link: LinkState
  data: DataState
  /** What the index states wrongly about it. */
  misstated: Misstatement | undefined
  stored: StoredManifest | undefined
  /** Its blobs that are not whole. */
  blobs: JudgedBlob[]
  children: JudgedManifest[]
}

/** A manifest as one repository would serve it from what is on disk. */
export interface JudgedManifest extends FoundManifest {
  /**
   * Of the manifest and its blobs; the children have their own. `absent`: the storage has no trace of it. `unknown`: something of it could
   * not be read.
   */
  state: 'whole' | 'broken' | 'absent' | 'unknown'
  /** Its bytes and those of its blobs are all there: writing links is enough, if anything has to be done. */
  isRestorable: boolean
  /** The same for all that it lists, too. */
  isTreeRestorable: boolean
}

/** Whether it was read and is an index. */
export const isIndex = ({ stored }: Pick<FoundManifest, 'stored'>): boolean =>
  stored?.state === 'parsed' && stored.document.kind === 'index'

/** BuildKit lists attestations as `unknown/unknown`, which no client chooses. */
export const isAttestation = ({ platform }: Pick<FoundManifest, 'platform'>): boolean =>
  platform === 'unknown/unknown'

/** A manifest that clients choose, and the nested indexes on the way to it. */
export interface Leaf {
  manifest: JudgedManifest
  above: JudgedManifest[]
}

/**
 * The manifests that clients choose from: those that an index and its nested indexes list, or the manifest itself. Each counts once for
 * a platform, however often it is listed, by the best way to it; a nested index stands for itself where it was not read.
 */
export function leavesOf(top: JudgedManifest): Leaf[] {
  const leaves = new Map<string, Leaf>()
  for (const leaf of below(top, [], new Set())) {
    const key = `${leaf.manifest.digest} ${leaf.manifest.platform}`
    const known = leaves.get(key)
    if (known === undefined || rankOf(leaf) < rankOf(known)) leaves.set(key, leaf)
  }
  return [...leaves.values()]
}

const ranks: Record<JudgedManifest['state'], number> = { whole: 0, unknown: 1, broken: 2, absent: 3 }
const rankOf = (leaf: Leaf): number => ranks[stateOfLeaf(leaf)]

function* below(manifest: JudgedManifest, above: JudgedManifest[], visited: Set<number>): Generator<Leaf> {
  if (!isIndex(manifest)) {
    yield { manifest, above: above.slice(1) }
    return
  }
  if (visited.has(manifest.digest)) return
  visited.add(manifest.digest)
  for (const child of manifest.children) yield* below(child, [...above, manifest], visited)
}

/** Whether a client that has the top gets this one whole. */
export function stateOfLeaf({ manifest, above }: Leaf): JudgedManifest['state'] {
  const way = [...above, manifest]
  if (way.some(({ state, misstated }) => state === 'broken' || misstated !== undefined)) return 'broken'
  return way.find(({ state }) => state !== 'whole')?.state ?? 'whole'
}

/** Whether writing links is enough for a client that has the top to get this one whole; also where nothing has to be written. */
export const isLeafRestorable = ({ manifest, above }: Leaf): boolean =>
  [...above, manifest].every((one) => one.isRestorable && !one.misstated)
