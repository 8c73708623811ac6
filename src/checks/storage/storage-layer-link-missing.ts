import { isOfManifest } from '../../facts/queries/storage/damages.ts'
import { defineCheck } from '../define.ts'
import { damageFaults } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-layer-link-missing',
  group: 'storage',
  title: 'every repository links the blobs that its images need',
  fault:
    'Missing layer link: the data of a blob is there, but its repository does not link it, so it is not served.',
  severity: 'error',
  advice: 'Link the blob again, before the next garbage collection deletes its data.',
  covers: ['gc-loses-repair'],
  reads: ['storage.images'],
  run: ({ storage }, settings) =>
    damageFaults(
      {
        is: (damage, { platform }) =>
          damage.place === 'link' &&
          damage.state === 'missing' &&
          !isOfManifest(damage) &&
          // A blob whose data is gone, too, is a missing blob.
          !platform?.damage.some((one) => one.digest === damage.digest && one.place === 'data'),
        message: ({ role }) => `the link of this ${role} is gone, its data is there`,
        title: ({ isOne, text }, { names, verb }) =>
          `Missing layer ${isOne ? 'link' : 'links'}: ${names} ${verb('needs', 'need')} ${text} ${isOne ? 'blob' : 'blobs'} that ${verb('its', 'their')} repository does not link.`,
      },
      storage,
      settings,
    ),
})
