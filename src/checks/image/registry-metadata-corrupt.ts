import { objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { isolatedErrors } from '../../facts/queries/image/isolated-errors.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'registry-metadata-corrupt',
  group: 'image',
  title: 'the registry can read its own records of the image',
  fault:
    'The registry answers 500 for these objects and serves the others: its link files for them are damaged.',
  severity: 'error',
  advice:
    'On the registry, look for an empty or malformed “link” file of this digest, delete it, and push again.',
  reads: ['image.manifests'],
  run: ({ image }, { mirror }) =>
    isolatedErrors(image, mirror).map(({ repository, manifest }) => ({
      ...objectOf(repository, manifest),
      severity: severityOf(manifest.role),
      message: manifest.observed.seen ? '' : manifest.observed.why.detail,
      evidence: manifest.observed.seen ? [] : manifest.observed.why.evidence,
      cause: repository.name,
      because:
        'A crash between creating a file and writing it leaves an empty link; garbage-collect then dies on it, too.',
    })),
})
