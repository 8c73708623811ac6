import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { placeOf } from '../../explain/storage/place.ts'
import type { ImageLoss } from '../../facts/storage/forecast.ts'
import { defineCheck } from '../define.ts'
import { imageFault } from '../storage-damage.ts'
import {
  collectionName,
  type Foreseen,
  forecastRuns,
  foreseen,
  foreseenFaults,
  lossFault,
  lossName,
} from '../storage-forecast.ts'

export default defineCheck({
  id: 'gc-loses-repair',
  group: 'storage',
  title: 'the next garbage collection deletes nothing that a repair needs',
  fault:
    'Garbage collection ends a chance of repair: it deletes what is left of images that cannot be pulled now.',
  // That they cannot be pulled is a finding of its own.
  severity: 'warning',
  advice: 'Repair the image, or build and push it again, before the next garbage collection.',
  reads: ['storage.images'],
  run: ({ storage }, settings) => {
    const all = forecastRuns(storage)
    const lost = foreseen(all, ({ losesRepair }) => losesRepair.first, lossName)
    const faultOf = (found: Foreseen<ImageLoss>): Fault => {
      const whole = found.item.platforms.first.filter((one) => one.whole && one.reason === 'link')
      const when = collectionName(found.runs)
      const fault = { ...lossFault(found, all), severity: 'warning' as const, cause: 'repair' }
      if (whole.length === 0) return { ...fault, message: `what is left of it is deleted by ${when}` }
      return {
        ...fault,
        message: `all bytes of ${count(whole.length, 'platform image')} are there, until ${when}`,
      }
    }
    const faults = foreseenFaults(
      lost,
      { all, place: placeOf(storage, settings) },
      {
        faultOf,
        textOf: (number) => `${count(number, 'broken image')} would lose what is left`,
        ...{ kind: 'losesRepair', possible: 'note' },
      },
    )
    const advice = 'Run these commands before the next garbage collection: they restore what can be restored.'
    return faults.map((fault) => {
      const image = storage.judged?.images.broken.find(
        ({ repository, digest }) => repository === fault.repository && digest === fault.digest,
      )
      const { commands = [] } = image ? imageFault(image, storage, settings) : {}
      return commands.length > 0 ? { ...fault, advice, commands } : fault
    })
  },
})
