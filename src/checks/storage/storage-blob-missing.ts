import { defineCheck } from '../define.ts'
import { blobTitle, damageFaults, isDataOfBlob } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-blob-missing',
  group: 'storage',
  title: 'the storage has the configuration and every layer of each image',
  fault: 'Missing blob: the data of a configuration or a layer is gone, so the image cannot be pulled.',
  severity: 'error',
  advice: 'Restart the registry, then build and push again: its cache still says that the blob exists.',
  covers: ['gc-loses-repair'],
  reads: ['storage.images'],
  run: ({ storage }, settings) =>
    damageFaults(
      {
        is: isDataOfBlob('missing'),
        message: ({ role }) => `the data of this ${role} is gone`,
        title: blobTitle('Missing', 'whose data is gone'),
      },
      storage,
      settings,
    ),
})
