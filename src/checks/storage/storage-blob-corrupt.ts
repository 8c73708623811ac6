import { isOfManifest } from '../../facts/queries/storage/damages.ts'
import { defineCheck } from '../define.ts'
import { damageFaults } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-blob-corrupt',
  group: 'storage',
  title: 'the bytes of every hashed blob match its digest',
  fault:
    'Corrupt blob: the data file of a configuration or a layer has the right size but other bytes (bit rot).',
  severity: 'error',
  advice:
    'Move the damaged file away and restart the registry, then push again: a push never replaces the file.',
  reads: ['storage.images'],
  run: ({ storage }, settings) =>
    damageFaults(
      {
        is: (damage) => damage.place === 'data' && damage.state === 'corrupt' && !isOfManifest(damage),
        message: ({ role }) => `the bytes of this ${role} do not match its digest`,
        title: (objects, images) =>
          `Corrupt ${objects === 1 ? 'blob' : 'blobs'}: ${images} needs ${objects === 1 ? 'a blob' : `${objects} blobs`} whose bytes have changed on disk.`,
      },
      storage,
      settings,
    ),
})
