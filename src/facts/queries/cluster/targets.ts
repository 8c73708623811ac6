import { parseReference, type Reference } from '../../../oci/reference.ts'
import { pullKinds } from '../../cluster/pull-kinds.ts'
import type { ClusterFact } from '../../cluster.ts'
import type { Target } from '../../image.ts'

/** So many images are verified: one cause of many images shows in a few. */
const maxTargets = 20

/** The reference that a pod means; undefined for what is none. */
export function pulledReference(image: string): Reference | undefined {
  const parsed = parseReference(image)
  if (!parsed.ok) return undefined
  const { tag, digest } = parsed.value
  return tag === undefined && digest === undefined ? { ...parsed.value, tag: 'latest' } : parsed.value
}

/** The images that pods wait for now and whose registry may be to blame, to be verified from here. */
export function targetsOf({ pulls }: ClusterFact): Target[] {
  const images = new Set(
    pulls
      .filter(({ isFailing, error }) => isFailing && pullKinds[error.kind].class !== 'node')
      .map(({ image }) => image),
  )
  return [...images]
    .flatMap((image) => pulledReference(image) ?? [])
    .slice(0, maxTargets)
    .map((reference) => ({ reference }))
}
