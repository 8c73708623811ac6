import { defineCheck } from '../define.ts'
import { blobTitle, damageFaults, isDataOfBlob, moveAndPush } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-blob-corrupt',
  group: 'storage',
  title: 'the bytes of every hashed blob match its digest',
  fault:
    'Corrupt blob: the data file of a configuration or a layer has the right size but other bytes (bit rot).',
  severity: 'error',
  advice: moveAndPush,
  covers: ['gc-loses-repair'],
  reads: ['storage.images'],
  run: ({ storage }, settings) =>
    damageFaults(
      {
        is: isDataOfBlob('corrupt'),
        message: ({ role }) => `the bytes of this ${role} do not match its digest`,
        title: blobTitle('Corrupt', 'whose bytes have changed on disk'),
      },
      storage,
      settings,
    ),
})
