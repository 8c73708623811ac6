import { configOf, documentOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { isEmptyConfig } from '../../oci/config.ts'
import { isRunnable } from '../../oci/runnable.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'not-runnable',
  group: 'image',
  title: 'everything with the configuration type of an image is one',
  fault:
    'Not a runnable image: its configuration has the media type of an image, but is empty; no runtime can start it.',
  severity: 'warning',
  advice:
    'Nothing to do for an artifact that only its own tool pulls; “oras push --config” or “--artifact-type” labels it as one.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const document = documentOf(manifest)
      const config = configOf(repository, manifest)?.config
      if (manifest.role !== 'image' || document?.kind !== 'image' || !isRunnable(document)) return []
      if (!config?.ok || !isEmptyConfig(config.value)) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: `the configuration of type ${document.config.mediaType} has no platform and no root file system`,
        },
      ]
    }),
})
