import { shortDigest } from '../../oci/digest.ts'
import { defineCheck } from '../define.ts'
import { damageFaults } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-size-mismatch',
  group: 'storage',
  title: 'every manifest states the sizes that its content has',
  fault: 'Size mismatch: a manifest states a wrong size for data that is whole, and clients refuse it.',
  severity: 'error',
  advice: 'Build and push again with the builder repaired: the manifest was wrong when it was pushed.',
  reads: ['storage.images'],
  run: ({ storage }, settings) =>
    damageFaults(
      {
        is: ({ place }) => place === 'descriptor',
        message: ({ role, stated, actual, statedBy }) =>
          `${statedBy === undefined ? 'its index' : shortDigest(statedBy)} states ${stated} bytes for this ${role}, which has ${actual}`,
        title: (_, { names, verb }) =>
          `Size mismatch: ${names} ${verb('states', 'state')} wrong sizes for data that is whole.`,
      },
      storage,
      settings,
    ).map((fault) => ({
      ...fault,
      advice: 'Build and push again with the builder repaired: the manifest was wrong when it was pushed.',
      commands: [],
    })),
})
