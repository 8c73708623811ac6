import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { repairCommand } from '../../explain/storage/commands.ts'
import { ociManifest } from '../../oci/media-types.ts'
import { defineCheck } from '../define.ts'
import { placeOf } from '../storage-damage.ts'
import {
  collectionName,
  forecastRuns,
  foreseen,
  foreseenFaults,
  lossFault,
  lossName,
} from '../storage-forecast.ts'

const maxCommands = 20

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
    const place = placeOf(storage, settings)
    const lost = foreseen(all, ({ losesRepair }) => losesRepair.first, lossName)
    const faults = foreseenFaults(
      lost,
      (found): Fault => {
        const { repository, platforms } = found.item
        const whole = platforms.first.filter((one) => one.whole && one.reason === 'link')
        const when = collectionName(found.runs)
        const fault = { ...lossFault(found, all), severity: 'warning' as const, cause: 'repair' }
        if (whole.length === 0) return { ...fault, message: `what is left of it is deleted by ${when}` }
        return {
          ...fault,
          message: `all bytes of ${count(whole.length, 'platform image')} are there, until ${when}`,
          commands: whole.slice(0, maxCommands).flatMap(({ digest, mediaType }) => {
            const step = { repository, digest, mediaType: mediaType || ociManifest, bytes: 0, images: [] }
            return repairCommand({ action: 'put-manifest', ...step }, place).command ?? []
          }),
        }
      },
      (number) => `${count(number, 'broken image')} would lose what is left`,
    )
    return withAllCommands(faults)
  },
})

/** They share a cause, and so one list of commands, which do not depend on each other. */
function withAllCommands(faults: Fault[]): Fault[] {
  const commands = [...new Set(faults.flatMap((fault) => fault.commands ?? []))]
  if (commands.length === 0) return faults
  const advice = 'Run these commands before the next garbage collection: they write the links again.'
  return faults.map((fault) => ({ ...fault, advice, commands }))
}
