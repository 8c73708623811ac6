import type { Endpoint, Pull, PullTarget } from '../legs.ts'
import { pingedPull } from '../pinged-pull.ts'

/** The legs of a pull by Podman, Buildah, Skopeo and CRI-O (containers/image). All of an image comes from one endpoint. */
export function containersPull(endpoints: Endpoint[], target: PullTarget): Pull {
  return pingedPull(endpoints, target, {
    schemes: ({ skipVerify }) => (skipVerify ? ['https', 'http'] : ['https']),
    isRegistry: (status) => status === 200 || status === 401,
    resolves: false,
    pingsV1: true,
    changesForBlobs: false,
  })
}
