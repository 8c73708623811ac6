import type { Fault } from '../../core/finding.ts'
import { firstOf } from '../../core/names.ts'
import { repairCommand } from '../../explain/storage/commands.ts'
import { placeOf } from '../../explain/storage/place.ts'
import type { ImageLoss, PlatformLoss } from '../../facts/storage/forecast.ts'
import { ociManifest } from '../../oci/media-types.ts'
import { defineCheck } from '../define.ts'
import {
  brokenText,
  collectionName,
  type Foreseen,
  forecastRuns,
  foreseen,
  foreseenFaults,
  lossFault,
  lossName,
  partNames,
  partText,
} from '../storage-forecast.ts'

export default defineCheck({
  id: 'gc-breaks-shared-index',
  group: 'storage',
  title: 'the next garbage collection breaks no image because another repository has it in part',
  fault:
    'Garbage collection breaks a whole image: another repository has the same index without its platform images.',
  severity: 'error',
  advice:
    'Leave --delete-untagged (-m) out until the other repository is repaired. These commands write its links again.',
  reads: ['storage.images'],
  run: ({ storage }, settings) => {
    const all = forecastRuns(storage)
    const place = placeOf(storage, settings)
    const broken = foreseen(
      all,
      ({ breaks }) => breaks.first.filter((image) => sharedIn(image).length > 0),
      lossName,
    )
    const faultOf = (found: Foreseen<ImageLoss>): Fault => {
      const shared = sharedIn(found.item)
      const others = Array.from(new Set(shared.flatMap(({ other }) => other ?? [])))
      return {
        ...lossFault(found, all),
        message: `${partText(found.item)} after ${collectionName(found.runs)}`,
        because: `The collection comes to ${firstOf(others)} first, where the manifests have no link: it marks them there without what they need, and does not look again.`,
        commands: shared.flatMap(({ other = '', digest, mediaType }) => {
          const step = {
            repository: other,
            digest,
            mediaType: mediaType || ociManifest,
            bytes: 0,
            images: [],
          }
          return repairCommand({ action: 'put-manifest', ...step }, place).command ?? []
        }),
        cause: others.join(' '),
      }
    }
    const harm = { textOf: brokenText, kind: 'breaks', possible: 'warning', shortOf: partNames } as const
    return foreseenFaults(broken, { all, place }, { faultOf, ...harm })
  },
})

const sharedIn = ({ platforms }: ImageLoss): PlatformLoss[] =>
  platforms.first.filter(({ reason }) => reason === 'shared')
