import type { Endpoint, Pull, PullTarget } from '../legs.ts'
import { pingedPull } from '../pinged-pull.ts'

/** The legs of a pull by dockerd with its classic image store (daemon/internal/distribution). */
export function dockerPull(endpoints: Endpoint[], target: PullTarget): Pull {
  return pingedPull(endpoints, target, {
    schemes: ({ scheme, skipVerify, role }) =>
      role === 'registry' && skipVerify && scheme === 'https' ? ['https', 'http'] : [scheme],
    // Whatever it answers: a manifest decides.
    isRegistry: () => true,
    resolves: true,
    pingsV1: false,
    changesForBlobs: true,
  })
}
