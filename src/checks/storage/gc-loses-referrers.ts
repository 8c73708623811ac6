import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { placeOf } from '../../explain/storage/place.ts'
import { defineCheck } from '../define.ts'
import { collectionName, forecastRuns, foreseen, foreseenFaults } from '../storage-forecast.ts'

export default defineCheck({
  id: 'gc-loses-referrers',
  group: 'storage',
  title: 'the next garbage collection deletes no signature or SBOM of an image that stays',
  fault: 'Garbage collection deletes referrers: signatures, SBOMs or attestations of images that stay.',
  severity: 'warning',
  advice: 'Run garbage-collect without --delete-untagged (-m), or tag what refers to the images.',
  reads: ['storage.images'],
  run: ({ storage }, settings) => {
    const all = forecastRuns(storage)
    const lost = foreseen(
      all,
      ({ referrers }) => referrers.first,
      ({ repository, subject }) => `${repository}@${subject}`,
    )
    return foreseenFaults(
      lost,
      { all, place: placeOf(storage, settings) },
      {
        faultOf: ({ item: { repository, subject, types, count: number }, runs }): Fault => ({
          subject: `${repository}@${subject}`,
          ...{ repository, digest: subject, evidence: types },
          message: `${count(number, 'referrer')} without a tag ${number === 1 ? 'is' : 'are'} deleted by ${collectionName(runs)}`,
          cause: 'untagged',
        }),
        textOf: (number) => `${count(number, 'image')} would lose signatures, SBOMs or attestations`,
        ...{ kind: 'referrers', possible: 'note' },
      },
    )
  },
})
