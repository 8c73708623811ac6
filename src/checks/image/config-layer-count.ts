import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { configOf, documentOf, isImage, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { refusalsText } from '../../oci/clients/refusals.ts'
import { isEmptyConfig } from '../../oci/config.ts'
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
    [...manifestsIn(image)].flatMap(({ repository, manifest }): Fault[] => {
      const document = documentOf(manifest)
      const config = configOf(repository, manifest)?.config
      if (document?.kind !== 'image' || !isImage(repository, manifest)) return []
      if (!config?.ok || isEmptyConfig(config.value)) return []
      const { diffIds, historyLayers = 0 } = config.value
      const object = objectOf(repository, manifest)
      const layers = document.layers.length
      if (!diffIds) return [{ ...object, ...noRootfs(layers) }]
      if (layers !== diffIds.length) return [{ ...object, ...wrongCount(layers, diffIds.length) }]
      return historyLayers > layers ? [{ ...object, ...longHistory(layers, historyLayers) }] : []
    }),
})

const wrongCount = (layers: number, diffIds: number) => ({
  message: 'the layer counts differ',
  expected: `${count(layers, 'layer')} in the manifest`,
  actual: `${count(diffIds, 'diff id')} in the configuration`,
  because: refusalsText('layer-count'),
})

const noRootfs = (layers: number): Partial<Fault> & { message: string } => ({
  title: 'No root file system: the configuration lists no layers at all, not even an empty list.',
  message: '“rootfs” is missing in the configuration',
  expected: `“rootfs” with ${count(layers, 'diff id')}`,
  actual: 'no “rootfs”',
  because: refusalsText(layers > 0 ? 'rootfs-missing' : 'rootfs-missing-without-layers'),
  cause: 'rootfs',
})

const longHistory = (layers: number, historyLayers: number): Partial<Fault> & { message: string } => ({
  title: 'History of other layers: the history in the configuration lists more layers than there are.',
  message: 'the history lists too many layers',
  expected: `at most ${count(layers, 'entry', 'entries')} without “empty_layer”`,
  actual: `${historyLayers}`,
  because: refusalsText('history-too-long'),
  cause: 'history',
})
