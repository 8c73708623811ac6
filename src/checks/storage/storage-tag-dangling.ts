import { rollBackEvidence } from '../../explain/storage/advice.ts'
import { imageName, imageNames, isOfManifest } from '../../facts/queries/storage/damages.ts'
import type { Damage } from '../../facts/storage/image.ts'
import { shortDigest } from '../../oci/digest.ts'
import { defineCheck } from '../define.ts'
import { atLeast, type ImagesFault, imageFault, withFewCauses } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-tag-dangling',
  group: 'storage',
  title: 'every tag points to a manifest that its repository has',
  fault: 'Dangling tag: the tag is listed, but the manifest that it points to is not served.',
  severity: 'error',
  advice: 'Push the tag again, after a restart of the registry.',
  covers: ['gc-loses-repair'],
  reads: ['storage.images'],
  run: ({ storage }, settings) => {
    const faults = (storage.judged?.images.broken ?? []).flatMap((image): ImagesFault[] => {
      const lost = image.top.filter(isLost)
      if (lost.length === 0) return []
      const isTagged = image.tagCount > 0
      return [
        {
          images: [image],
          fault: {
            ...imageFault(image, storage, settings),
            message: `${shortDigest(image.digest)}: ${lost.map(({ place }) => (place === 'link' ? 'its link' : 'its data')).join(' and ')} ${lost.length > 1 ? 'are' : 'is'} gone`,
            cause: `${image.repository}@${image.digest}`,
            title: isTagged
              ? `Dangling ${image.tagCount > 1 ? 'tags' : 'tag'}: ${imageNames(image)} ${image.tagCount > 1 ? 'are' : 'is'} listed, but the manifest ${image.tagCount > 1 ? 'that they point to' : 'that it points to'} is not served.`
              : `Lost manifest: ${imageName(image)} is linked, but its data is gone.`,
            evidence: rollBackEvidence(image),
          },
        },
      ]
    })
    return withFewCauses(
      faults,
      `Dangling tags: ${atLeast(faults.length, storage.judged?.images.more ?? 0)} manifests that tags point to are not served.`,
      storage,
      settings,
    )
  },
})

const isLost = (damage: Damage): boolean => isOfManifest(damage) && damage.state === 'missing'
