import { documentOf, manifestsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'unsupported-schema1',
  group: 'image',
  title: 'no image has a manifest of schema 1',
  fault: 'The image has a manifest of schema 1, which containerd 2 and current Docker refuse.',
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
              message: 'a Docker manifest of schema 1',
            },
          ]
        : [],
    ),
})
