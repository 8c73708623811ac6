import { isOfManifest } from '../../facts/queries/storage/damages.ts'
import { defineCheck } from '../define.ts'
import { damageFaults } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-manifest-damaged',
  group: 'storage',
  title: 'the bytes of every manifest match its digest',
  fault:
    'Damaged manifest: the data file of a manifest is truncated or has other bytes, so the registry serves it wrong or not at all.',
  severity: 'error',
  advice:
    'Move the damaged file away and restart the registry, then push again: a push never replaces the file.',
  reads: ['storage.images'],
  run: ({ storage }, settings) =>
    damageFaults(
      {
        is: (damage) =>
          isOfManifest(damage) &&
          (damage.place === 'document' || (damage.place === 'data' && damage.state !== 'missing')),
        message: ({ role, place, state, stated, actual }) => {
          if (place === 'document') return `this ${role} is no valid manifest`
          if (state === 'wrong-size') return `the file of this ${role} has ${actual} of ${stated} bytes`
          return `the bytes of this ${role} do not match its digest`
        },
        title: (_, images) =>
          `Damaged manifest: ${images} cannot be pulled, and a garbage collection that cannot read it stops.`,
      },
      storage,
      settings,
    ),
})
