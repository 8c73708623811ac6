import { documentOf, manifestsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'unsupported-schema1',
  group: 'image',
  title: 'no manifest is of Docker schema 1',
  fault: 'Docker schema 1 manifest: containerd 2 and current Docker refuse it.',
  severity: 'error',
  advice: 'Rebuild and push with a current tool; schema 1 cannot be converted in place.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) =>
      documentOf(manifest)?.kind === 'schema1'
        ? [
            {
              ...objectOf(repository, manifest),
              severity: severityOf(manifest.role),
              message: 'Docker schema 1 manifest',
            },
          ]
        : [],
    ),
})
