import {
  emptyState,
  type ObjectState,
  type RegistryState,
  repositoryIn,
} from '../../../src/facts/watch/state.ts'

export const minute = 60_000
export const hour = 60 * minute
/** The time of the tests. */
export const start = Date.UTC(2026, 10, 29, 12)

/** A layer, proven at that time. */
export const layerAt = (
  digest: string,
  lastLooked?: number,
  more: Partial<ObjectState> = {},
): ObjectState => ({
  ...{ digest, kind: 'layer', size: 100, mediaType: 'x', firstSeen: 0 },
  ...(lastLooked === undefined ? {} : { lastLooked, lastProven: lastLooked, proof: 'last-byte' as const }),
  ...more,
})

/** A registry with one repository and its blobs. */
export function stateWith(blobs: ObjectState[], repository = 'team/app'): RegistryState {
  const state = emptyState('registry.example.com')
  const { objects } = repositoryIn(state, repository)
  for (const blob of blobs) objects.set(blob.digest, blob)
  return state
}
