import type { ImageFact, RepositoryFact } from '../../image.ts'
import { blobsIn, manifestsIn } from './graph.ts'

/** True if the registry serves at least one object of a repository. */
const servesSome = ({ manifests, blobs }: RepositoryFact): boolean =>
  [...manifests, ...blobs].some(({ observed }) => observed.seen && observed.value.state !== 'absent')

/**
 * The objects that are answered with 500 while others of the same repository are served. Not for a mirror: it answers 500 for what it
 * never fetched while its upstream is down, which says nothing about the image.
 */
export const isolatedErrors = (image: ImageFact, mirror: boolean) =>
  [
    ...manifestsIn(image),
    ...[...blobsIn(image)].map(({ repository, blob }) => ({ repository, manifest: blob })),
  ].filter(
    ({ repository, manifest: { observed } }) =>
      !mirror && !observed.seen && observed.why.kind === 'registry-error' && servesSome(repository),
  )
