import { isForeignLayerType } from '../../oci/media-types.ts'
import type { ListedBlob } from './blob-list.ts'
import { type Budget, takeWholeRead } from './budget.ts'

/**
 * Chooses the layers to read whole at depth `probe`, and records the choice in their facts: the largest `count` of the platform that has
 * the largest one, as far as the budget goes. Proxies that serve ranges well may still fail on the size or the duration of a whole
 * body. Expects the blobs sorted by size.
 */
export function chooseSample(blobs: readonly ListedBlob[], count: number, budget: Budget): void {
  const layers = blobs.filter(isSampled).toReversed()
  const platform = layers[0]?.fact.uses.find(isLayer)?.parent
  const own = layers.filter(({ fact }) => fact.uses.some((use) => isLayer(use) && use.parent === platform))
  for (const { fact } of own.slice(0, count)) {
    fact.sample = takeWholeRead(fact.descriptor.size, budget) ? 'read' : 'over-budget'
  }
}

const isLayer = ({ field }: { field: string }): boolean => field.startsWith('layers')

/** A registry may lack a foreign layer. */
const isSampled = ({ fact: { role, uses, descriptor } }: ListedBlob): boolean =>
  role === 'image' && descriptor.size > 0 && uses.some(isLayer) && !isForeignLayerType(descriptor.mediaType)
