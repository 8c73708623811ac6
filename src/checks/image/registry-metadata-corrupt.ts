import { objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { isolatedErrors } from '../../facts/queries/image/isolated-errors.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'registry-metadata-corrupt',
  group: 'image',
  title: 'the registry can read its metadata of the image',
  fault:
    'Corrupt registry metadata: the registry answers 500 for these objects and serves others; usually a link file is damaged.',
  severity: 'error',
  advice:
    'On the registry host, find the empty or malformed “link” file of this digest, move it out of the storage, and push again.',
  reads: ['image.manifests'],
  run: ({ image }, { mirror }) =>
    isolatedErrors(image, mirror).map(({ repository, manifest }) => ({
      ...objectOf(repository, manifest),
      severity: severityOf(manifest.role),
      message: manifest.observed.seen ? '' : manifest.observed.why.detail,
      evidence: manifest.observed.seen ? [] : manifest.observed.why.evidence,
      cause: repository.name,
      because:
        'A crash between creating and writing a link file leaves it empty; “garbage-collect” fails on it, too.',
    })),
})
