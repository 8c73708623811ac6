import { count } from '../../core/units.ts'
import { imageNames } from '../../facts/queries/storage/damages.ts'
import { defineCheck } from '../define.ts'
import { imageFault } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-attestation-missing',
  group: 'storage',
  title: 'the storage has every attestation that an index lists',
  fault:
    'Missing attestations: an index lists attestations that are not served; the images can be pulled, but their provenance is lost.',
  severity: 'warning',
  advice: 'Push again with provenance enabled, and keep cleanup jobs from deleting untagged versions.',
  reads: ['storage.images'],
  run: ({ storage }, settings) =>
    (storage.judged?.images.broken ?? []).flatMap((image) => {
      const { listed, broken } = image.attestations
      // Where platforms are lost too, one cause is enough.
      if (broken === 0 || image.top.length > 0 || image.platforms.some(({ state }) => state === 'broken'))
        return []
      return [
        {
          ...imageFault(image, storage, settings),
          severity: 'warning' as const,
          message: `${broken} of ${count(listed, 'attestation')} not served`,
          cause: 'all',
          ...(image.outcome === 'restore'
            ? {}
            : { advice: 'Push again with provenance enabled, if it is needed.', commands: [] }),
          title: `Missing attestations: ${imageNames(image)} can be pulled, but its provenance is lost.`,
        },
      ]
    }),
})
