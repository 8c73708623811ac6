import type { DataState } from './data.ts'
import type { JudgedImage } from './images.ts'
import { isLeafRestorable, type JudgedManifest } from './judged.ts'

/** What must be done so that an image can be pulled. Digests as numbers. */
export interface ImageNeeds {
  /** Damaged data, which a registry never replaces while the file is there; and whether hashing showed that it is. */
  moveAway: Map<number, boolean>
  /** Blobs whose data is there, and whose link must be written. */
  linkBlobs: Set<number>
  /** Manifests whose data is there, and whose link must be written, with their depth below the top: the deepest first. */
  putManifests: Map<number, number>
  /** A link names another digest, which the registry's cache may have learnt. */
  hasForeignLink: boolean
}

/** What must be done for one image. Links are written only where that makes something pullable. */
export function needsOf({ top, leaves }: JudgedImage): ImageNeeds {
  const needs: ImageNeeds = {
    ...{ moveAway: new Map(), linkBlobs: new Set(), putManifests: new Map() },
    hasForeignLink: false,
  }
  for (const leaf of leaves) {
    const way = [top, ...leaf.above, ...(leaf.manifest === top ? [] : [leaf.manifest])]
    for (const [depth, one] of way.entries()) {
      addDamaged(one, needs)
      if (top.isRestorable && isLeafRestorable(leaf)) addLinks(one, depth, needs)
    }
  }
  return needs
}

function addDamaged({ digest, data, blobs }: JudgedManifest, needs: ImageNeeds): void {
  const add = (damaged: number, state: DataState) => {
    if (state.state === 'corrupt') needs.moveAway.set(damaged, true)
    if (state.state === 'wrong-size') needs.moveAway.set(damaged, state.isHashed)
  }
  add(digest, data)
  for (const blob of blobs) add(blob.reference.digest, blob.data)
}

function addLinks({ digest, link, blobs }: JudgedManifest, depth: number, needs: ImageNeeds): void {
  for (const blob of blobs) if (blob.link !== 'whole') needs.linkBlobs.add(blob.reference.digest)
  if (link !== 'whole') needs.putManifests.set(digest, Math.max(depth, needs.putManifests.get(digest) ?? 0))
  if (link === 'other' || blobs.some((blob) => blob.link === 'other')) needs.hasForeignLink = true
}
