import { configOf, documentOf, isImage, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { isEmptyConfig } from '../../oci/config.ts'
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
      if (document?.kind !== 'image' || !isImage(repository, manifest)) return []
      if (!config?.ok || !isEmptyConfig(config.value)) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: `the configuration of type ${document.config.mediaType} has no platform and no root file system`,
        },
      ]
    }),
})
