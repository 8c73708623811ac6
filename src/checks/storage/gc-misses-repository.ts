import type { Fault } from '../../core/finding.ts'
import { action } from '../../explain/storage/advice.ts'
import { inLayout, placeOf } from '../../explain/storage/place.ts'
import { folderWord } from '../../explain/storage/shell.ts'
import type { ForecastRun } from '../../facts/storage/forecast.ts'
import { defineCheck } from '../define.ts'
import { withUnlisted } from '../storage-damage.ts'
import {
  collectionName,
  conditional,
  conditionOf,
  forecastRuns,
  forecastSeverity,
  foreseen,
  unlistedOf,
} from '../storage-forecast.ts'

type Why = ForecastRun['unseen']['first'][number]['why']

/** What is wrong, and what to do, without the end of the sentence: a command may follow. */
const texts: Record<Why, { message: string; what: string }> = {
  'no _layers': {
    message: 'it has no folder _layers, by which registry 2.x finds repositories',
    what: 'Create the folder, as the user that the registry runs as',
  },
  'no _manifests': {
    message: 'it has layers, but nothing in a folder _manifests, where a collection looks for what to keep',
    what: 'Nothing has to be done if its first push did not end. Else restore the folder _manifests from a backup, or push the images again, before garbage-collect runs',
  },
  name: {
    message: 'a folder of its name begins with “_”; the registry takes such folders for its own',
    what: 'Move the folder out of the storage with its blobs, or rename it, before garbage-collect runs',
  },
  file: {
    message:
      'a file whose name begins with “_” is in the folder before it, at which registry 2.x stops reading',
    what: 'Find the file, and move it out of the storage',
  },
}

export default defineCheck({
  id: 'gc-misses-repository',
  group: 'storage',
  title: 'the garbage collection sees every repository',
  fault: 'Garbage collection misses a repository: all blobs that only it uses are deleted.',
  severity: 'error',
  advice: 'Stop the job that runs garbage-collect until this is repaired.',
  reads: ['storage.images'],
  run: ({ storage }, settings) => {
    const all = forecastRuns(storage)
    const place = placeOf(storage, settings)
    const folder = inLayout(place, 'repositories')
    const commands: Partial<Record<Why, (repository: string) => string>> = {
      'no _layers': (repository) => `mkdir ${folderWord(`${folder}/${repository}/_layers`)}`,
      // From inside, because the path of the storage may have such a folder, too, as that of a volume.
      file: () => `(cd ${folderWord(folder)} && find . -type f -name '_*' ! -path '*/_*/*')`,
    }
    const found = foreseen(
      all,
      ({ unseen }) => unseen.first,
      ({ repository }) => repository,
    )
    // These have a warning of their own.
    const lost = new Set(storage.judged?.faults.lostManifests.items.map(({ repository }) => repository))
    const faults = found.flatMap((one): Fault[] => {
      const { item, runs } = one
      const { repository, why } = item
      if (why === 'no _manifests' && lost.has(repository)) return []
      const tags = runs[0]?.breaks.first.filter((image) => image.repository === repository) ?? []
      // A bucket has no folders.
      const command = place.driver === 's3' ? undefined : commands[why]?.(repository)
      return [
        {
          subject: repository,
          ...{ repository, message: `${texts[why].message}: ${collectionName(runs)} deletes its blobs` },
          // Where no tag of it breaks, nothing that is in use is lost.
          severity: tags.length > 0 ? conditional(forecastSeverity(runs, all), one) : 'note',
          evidence: [
            ...tags.flatMap((image) =>
              image.tags.first.map((tag) => `${repository}:${tag} can no longer be pulled`),
            ),
            ...conditionOf(one),
          ],
          ...action({ what: texts[why].what, command }),
          cause: why,
        },
      ]
    })
    return withUnlisted(faults, unlistedOf(found, 'unseen'))
  },
})
