import { count } from '../../core/units.ts'
import { configOf, documentOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'config-layer-count',
  group: 'image',
  title: 'configuration and manifest list the same number of layers',
  fault: 'A configuration lists another number of layers than its manifest; no runtime can unpack the image.',
  severity: 'error',
  advice: 'Rebuild and push with a current tool; manifest and configuration are not of one image.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const document = documentOf(manifest)
      const config = configOf(repository, manifest)?.config
      if (manifest.role !== 'image' || document?.kind !== 'image' || !config?.ok) return []
      const [layers, diffIds] = [document.layers.length, config.value.diffIds.length]
      if (layers === diffIds) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: 'the numbers of layers differ',
          expected: `${count(layers, 'layer')}, as the manifest lists`,
          actual: `${count(diffIds, 'diff id')} in the configuration`,
        },
      ]
    }),
})
