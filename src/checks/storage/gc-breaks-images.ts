import type { Fault } from '../../core/finding.ts'
import { plainCollection } from '../../explain/storage/commands.ts'
import { placeOf, type RepairPlace } from '../../explain/storage/place.ts'
import type { ForecastRun, ImageLoss } from '../../facts/storage/forecast.ts'
import { defineCheck } from '../define.ts'
import {
  brokenText,
  collectionName,
  forecastRuns,
  foreseen,
  foreseenFaults,
  harmlessText,
  harmlessWithout,
  lossFault,
  lossName,
  partNames,
  partText,
} from '../storage-forecast.ts'

const reasons = new Set(['untagged-child', 'other-name', 'other', 'link'])

export default defineCheck({
  id: 'gc-breaks-images',
  group: 'storage',
  title: 'the next garbage collection breaks no image',
  fault: 'Garbage collection breaks images: it deletes what a tag still needs.',
  severity: 'error',
  advice: 'Stop the job that runs garbage-collect until this is repaired.',
  reads: ['storage.images'],
  run: ({ storage }, settings) => {
    const all = forecastRuns(storage)
    const place = placeOf(storage, settings)
    const broken = foreseen(
      all,
      ({ breaks }) =>
        breaks.first.filter(({ platforms }) => platforms.first.some(({ reason }) => reasons.has(reason))),
      lossName,
    )
    return foreseenFaults(
      broken,
      { all, place },
      {
        faultOf: (found) => ({
          ...lossFault(found, all),
          message: `${partText(found.item)} after ${collectionName(found.runs)}`,
          ...(losesOtherName(found.item) ? otherName : causeOf(found.runs, all, place)),
        }),
        ...{ textOf: brokenText, kind: 'breaks', possible: 'warning', shortOf: partNames },
      },
    )
  },
})

const losesOtherName = ({ platforms }: ImageLoss): boolean =>
  platforms.first.some(({ reason }) => reason === 'other-name')

/** Measured on registry 2.8.2 and 3.1.2, with the flag and without it. */
const otherName: Partial<Fault> = {
  cause: 'other-name',
  title: 'Garbage collection breaks images: it deletes the data of blobs that an image names by SHA-512.',
  because:
    'The registry keeps all data under SHA-256 digests, and the collection marks the digests that the manifest names. So it finds no use for the data, with --delete-untagged or without it.',
  advice:
    'Do not run garbage-collect on this storage until these images were pushed again with SHA-256 digests, as docker, buildx and skopeo make them.',
}

/** What to do instead: collect without the flag where that harms nothing, else not at all. */
function causeOf(
  runs: readonly ForecastRun[],
  all: readonly ForecastRun[],
  place: RepairPlace,
): Partial<Fault> {
  const flagged = runs.find(({ deleteUntagged }) => deleteUntagged)
  if (!flagged) return { cause: 'links' }
  const advice = 'Take --delete-untagged (-m) out of the job that runs garbage-collect, before its next run.'
  return {
    cause: 'untagged',
    title:
      'Garbage collection breaks images: --delete-untagged deletes what an index lists, because only the index has a tag.',
    because: 'Registry 2.x does not follow an index to its platform images; each of them counts as untagged.',
    ...(harmlessWithout(flagged, all)
      ? {
          advice: `${advice} ${harmlessText}`,
          commands: [plainCollection(flagged.version, place)],
        }
      : { advice }),
  }
}
