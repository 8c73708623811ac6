import type { ImageFact, RepositoryFact } from '../../image.ts'
import { blobsIn, manifestsIn } from './graph.ts'

/** True when the registry answers 500 for some objects of a repository, and serves others of it. */
const isIsolated = ({ manifests, blobs }: RepositoryFact): boolean =>
  [...manifests, ...blobs].some(({ observed }) => observed.seen && observed.value.state !== 'absent')

/**
 * The objects of a run that alone are answered with 500. A mirror answers so for what it never fetched, while its upstream is down:
 * there it says nothing of the image.
 */
export const isolatedErrors = (image: ImageFact, mirror: boolean) =>
  [
    ...manifestsIn(image),
    ...[...blobsIn(image)].map(({ repository, blob }) => ({ repository, manifest: blob })),
  ].filter(
    ({ repository, manifest: { observed } }) =>
      !mirror && !observed.seen && observed.why.kind === 'registry-error' && isIsolated(repository),
  )
