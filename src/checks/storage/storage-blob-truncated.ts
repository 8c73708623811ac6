import { bytesText } from '../../core/units.ts'
import { defineCheck } from '../define.ts'
import { blobTitle, damageFaults, isDataOfBlob, moveAndPush } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-blob-truncated',
  group: 'storage',
  title: 'every blob has the size that the manifests state',
  fault:
    'Truncated blob: the data file of a configuration or a layer has another size than all manifests state.',
  severity: 'error',
  advice: moveAndPush,
  covers: ['gc-loses-repair'],
  reads: ['storage.images'],
  run: ({ storage }, settings) =>
    damageFaults(
      {
        is: isDataOfBlob('wrong-size'),
        message: ({ role, stated = 0, actual = 0 }) =>
          `the file of this ${role} has ${actual} of ${stated} bytes (${bytesText(stated)})`,
        title: blobTitle('Truncated', 'of the wrong size on disk'),
      },
      storage,
      settings,
    ),
})
