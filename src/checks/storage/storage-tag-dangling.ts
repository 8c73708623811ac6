import { imageName, isOfManifest } from '../../facts/queries/storage/damages.ts'
import type { Damage } from '../../facts/storage/image.ts'
import { shortDigest } from '../../oci/digest.ts'
import { defineCheck } from '../define.ts'
import { imageFault, withFewCauses } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-tag-dangling',
  group: 'storage',
  title: 'every tag points to a manifest that its repository has',
  fault: 'Dangling tag: the tag is listed, but the manifest that it points to is not served.',
  severity: 'error',
  advice: 'Push the tag again, after a restart of the registry.',
  reads: ['storage.images'],
  run: ({ storage }, settings) => {
    const faults = (storage.judged?.images.broken ?? []).flatMap((image) => {
      const lost = image.top.filter(isLost)
      if (lost.length === 0) return []
      const isTagged = image.tagCount > 0
      return [
        {
          ...imageFault(image, storage, settings),
          message: `${shortDigest(image.digest)}: ${lost.map(({ place }) => (place === 'link' ? 'its link' : 'its data')).join(' and ')} ${lost.length > 1 ? 'are' : 'is'} gone`,
          cause: `${image.repository}@${image.digest}`,
          title: isTagged
            ? `Dangling tag: ${imageName(image)} is listed, but the manifest that it points to is not served.`
            : `Lost manifest: ${imageName(image)} is linked, but its data is gone.`,
        },
      ]
    })
    return withFewCauses(
      faults,
      `Dangling tags: ${faults.length} tags point to manifests that are not served.`,
    )
  },
})

const isLost = (damage: Damage): boolean => isOfManifest(damage) && damage.state === 'missing'
