import { bytesText } from '../../core/units.ts'
import { isOfManifest } from '../../facts/queries/storage/damages.ts'
import { defineCheck } from '../define.ts'
import { damageFaults } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-blob-truncated',
  group: 'storage',
  title: 'every blob has the size that the manifests state',
  fault:
    'Truncated blob: the data file of a configuration or a layer has another size than all manifests state.',
  severity: 'error',
  advice:
    'Move the damaged file away and restart the registry, then push again: a push never replaces the file.',
  reads: ['storage.images'],
  run: ({ storage }, settings) =>
    damageFaults(
      {
        is: (damage) => damage.place === 'data' && damage.state === 'wrong-size' && !isOfManifest(damage),
        message: ({ role, stated = 0, actual = 0 }) =>
          `the file of this ${role} has ${actual} of ${stated} bytes (${bytesText(stated)})`,
        title: (objects, images) =>
          `Truncated ${objects === 1 ? 'blob' : 'blobs'}: ${images} needs ${objects === 1 ? 'a blob whose file has' : `${objects} blobs whose files have`} the wrong size.`,
      },
      storage,
      settings,
    ),
})
