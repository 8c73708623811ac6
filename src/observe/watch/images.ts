import type { RepositoryFact, Target, TargetFact } from '../../facts/image.ts'
import type { RegistryFact } from '../../facts/registry.ts'
import type { ObjectState } from '../../facts/watch/state.ts'
import type { Settings } from '../../settings/schema.ts'
import { createLimit } from '../http/limit.ts'
import type { Budget } from '../image/budget.ts'
import { observeRepository } from '../image/repository.ts'
import { createSettle } from '../image/settle.ts'
import { createZstdUnpackers } from '../image/unpack.ts'
import type { BlobReader } from './blobs.ts'
import type { WatchedRegistry } from './client.ts'

/** What was read of some images of one repository. */
export interface ImagesRead {
  fact: RepositoryFact
  targets: TargetFact[]
  quirks: RegistryFact['quirks']
}

/**
 * Reads the graphs of images by their digests, and the end of every blob, as a verification does. The blobs in `byHash` are also read
 * whole: nothing less shows whether they are still broken.
 */
export async function readImages(
  { registry, at, client }: WatchedRegistry,
  repository: string,
  [first, ...rest]: readonly string[],
  {
    settings,
    budget,
    blobs,
    byHash,
  }: { settings: Settings; budget: Budget; blobs: BlobReader; byHash: readonly ObjectState[] },
): Promise<ImagesRead> {
  const target = (digest: string): Target => ({ reference: { ...at, repository, digest } })
  if (first === undefined) throw new Error('no image to read')
  const read = await observeRepository({
    registry,
    targets: [target(first), ...rest.map(target)],
    ...{ others: () => [], depth: settings.depth, extent: 'whole', referrers: false, pushAccess: false },
    ...{ mirror: false, budget, sample: 0, progress: () => {} },
    lanes: { zstd: createLimit(1), other: createLimit(3) },
    zstd: createZstdUnpackers(),
    settle: createSettle(0, registry.now, client.signal),
  })
  for (const blob of byHash) {
    const fact = read.fact.blobs.find(({ digest }) => digest === blob.digest)
    if (fact) fact.observed = await blobs.look(repository, blob, 'full')
  }
  return read
}
