import type { ImageFact, RepositoryFact } from '../../image.ts'
import { blobsIn, manifestsIn } from './graph.ts'

/** True if the registry serves at least one object of a repository. */
const servesSome = ({ manifests, blobs }: RepositoryFact): boolean =>
  [...manifests, ...blobs].some(({ observed }) => observed.seen && observed.value.state !== 'absent')

/** The error code of distribution for a link file that it cannot read (registry/api/errcode). */
const internalError = 'UNKNOWN'

/**
 * The objects that the registry itself answers with 500 while it serves others of the same repository: the body has its error code; that
 * of a proxy in front has none. Not for a mirror: it answers 500 for what it never fetched while its upstream is down, which says
 * nothing about the image.
 */
export const isolatedErrors = (image: ImageFact, mirror: boolean) =>
  [
    ...manifestsIn(image),
    ...[...blobsIn(image)].map(({ repository, blob }) => ({ repository, manifest: blob })),
  ].filter(
    ({ repository, manifest: { observed } }) =>
      !mirror &&
      !observed.seen &&
      observed.why.kind === 'registry-error' &&
      observed.why.code === internalError &&
      servesSome(repository),
  )
