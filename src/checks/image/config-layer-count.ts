import { count } from '../../core/units.ts'
import { configOf, documentOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { isEmptyConfig } from '../../oci/config.ts'
import { isRunnable } from '../../oci/runnable.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'config-layer-count',
  group: 'image',
  title: 'configuration and manifest list the same number of layers',
  fault:
    'Layer count mismatch: configuration and manifest list different numbers of layers, so no runtime can unpack the image.',
  severity: 'error',
  advice:
    'Rebuild and push with a current tool; this manifest and this configuration belong to different images.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const document = documentOf(manifest)
      const config = configOf(repository, manifest)?.config
      if (manifest.role !== 'image' || document?.kind !== 'image' || !isRunnable(document)) return []
      if (!config?.ok || isEmptyConfig(config.value)) return []
      const [layers, diffIds] = [document.layers.length, (config.value.diffIds ?? []).length]
      if (layers === diffIds) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: 'the layer counts differ',
          expected: `${count(layers, 'layer')} in the manifest`,
          actual: `${count(diffIds, 'diff id')} in the configuration`,
        },
      ]
    }),
})
