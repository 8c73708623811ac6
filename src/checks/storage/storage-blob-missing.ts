import { count } from '../../core/units.ts'
import { isOfManifest } from '../../facts/queries/storage/damages.ts'
import { defineCheck } from '../define.ts'
import { damageFaults } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-blob-missing',
  group: 'storage',
  title: 'the storage has the configuration and every layer of each image',
  fault: 'Missing blob: the data of a configuration or a layer is gone, so the image cannot be pulled.',
  severity: 'error',
  advice: 'Restart the registry, then build and push again: its cache still says that the blob exists.',
  reads: ['storage.images'],
  run: ({ storage }, settings) =>
    damageFaults(
      {
        is: (damage) => damage.place === 'data' && damage.state === 'missing' && !isOfManifest(damage),
        message: ({ role }) => `the data of this ${role} is gone`,
        title: (objects, images) =>
          `Missing blobs: ${images} needs ${count(objects, 'blob')} whose data is gone.`,
      },
      storage,
      settings,
    ),
})
