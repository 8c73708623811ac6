import { isOfManifest } from '../../facts/queries/storage/damages.ts'
import { defineCheck } from '../define.ts'
import { damageFaults, moveAndPush } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-manifest-damaged',
  group: 'storage',
  title: 'the bytes of every manifest match its digest',
  fault:
    'Damaged manifest: the data file of a manifest is truncated or has other bytes, so the registry serves it wrong or not at all.',
  severity: 'error',
  advice: moveAndPush,
  covers: ['gc-loses-repair', 'gc-will-abort'],
  reads: ['storage.images'],
  run: ({ storage }, settings) =>
    damageFaults(
      {
        is: (damage) =>
          isOfManifest(damage) &&
          (damage.place === 'document' || (damage.place === 'data' && damage.state !== 'missing')),
        message: ({ role, place, state, stated, actual, why }) => {
          if (place === 'document')
            return `this ${role} is no valid manifest${why === undefined ? '' : `: ${why}`}`
          if (state === 'wrong-size') return `the file of this ${role} has ${actual} of ${stated} bytes`
          return `the bytes of this ${role} do not match its digest`
        },
        title: ({ isOne, text }, { names }) =>
          `Damaged ${isOne ? 'manifest' : 'manifests'}: ${names} cannot be pulled: ${isOne ? 'the file of a manifest is' : `the files of ${text} manifests are`} cut or changed.`,
        because: 'A garbage collection that cannot read a manifest stops there, so that the disk fills.',
      },
      storage,
      settings,
    ),
})
