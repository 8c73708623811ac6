import { defineCheck, type ImageFact, type RepositoryFact } from '../../core/model.ts'
import { blobsIn, manifestsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'

/** True when the registry answers 500 for some objects of a repository, and serves others of it. */
export const isIsolated = ({ manifests, blobs }: RepositoryFact): boolean =>
  [...manifests, ...blobs].some(({ sight }) => sight.seen && sight.value.state !== 'absent')

/**
 * The objects of a run that alone are answered with 500. A mirror answers so for what it never fetched, while its upstream is down:
 * there it says nothing of the image.
 */
export const isolatedErrors = (image: ImageFact, mirror: boolean) =>
  [
    ...manifestsIn(image),
    ...[...blobsIn(image)].map(({ repository, blob }) => ({ repository, manifest: blob })),
  ].filter(
    ({ repository, manifest: { sight } }) =>
      !mirror && !sight.seen && sight.why.kind === 'registry-error' && isIsolated(repository),
  )

export default defineCheck({
  id: 'registry-metadata-corrupt',
  group: 'image',
  title: 'the registry can read its own records of the image',
  fault:
    'The registry answers 500 for these objects and serves the others: its link files for them are damaged.',
  severity: 'error',
  advice:
    'On the registry, look for an empty or malformed “link” file of this digest, delete it, and push again.',
  needs: ['image'],
  run: ({ image }, { mirror }) =>
    isolatedErrors(image, mirror).map(({ repository, manifest }) => ({
      ...objectOf(repository, manifest),
      severity: severityOf(manifest.role),
      message: manifest.sight.seen ? '' : manifest.sight.why.detail,
      evidence: manifest.sight.seen ? [] : manifest.sight.why.evidence,
      cause: repository.name,
      because:
        'A crash between creating a file and writing it leaves an empty link; garbage-collect then dies on it, too.',
    })),
})
