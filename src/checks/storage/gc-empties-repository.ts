import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { craneTag } from '../../explain/storage/commands.ts'
import { placeOf } from '../../explain/storage/place.ts'
import { isRepositoryPath } from '../../oci/reference.ts'
import { defineCheck } from '../define.ts'
import {
  collectionName,
  forecastRuns,
  forecastSeverity,
  foreseen,
  foreseenFaults,
} from '../storage-forecast.ts'

export default defineCheck({
  id: 'gc-empties-repository',
  group: 'storage',
  title: 'the next garbage collection empties no repository that has no tags',
  fault: 'Garbage collection empties a repository: it has no folder of tags, so that nothing in it is kept.',
  severity: 'error',
  advice: 'Tag the images that are needed, before garbage-collect runs with --delete-untagged.',
  reads: ['storage.images'],
  run: ({ storage }, settings) => {
    const place = placeOf(storage, settings)
    const all = forecastRuns(storage)
    const found = foreseen(
      all,
      ({ emptied }) => emptied.first,
      ({ repository }) => repository,
    )
    const faultOf = ({ item, runs }: (typeof found)[number]): Fault => ({
      subject: item.repository,
      repository: item.repository,
      message: `${count(item.images, 'image')}, pushed by digest or left without a tag, lose their blobs in ${collectionName(runs)}; the links stay, so the registry goes on listing them`,
      severity: forecastSeverity(runs, all),
      ...(isRepositoryPath(item.repository)
        ? { commands: [craneTag(place, item.repository, 'sha256:DIGEST')] }
        : {}),
      cause: 'no tags',
    })
    return foreseenFaults(
      found,
      { all, place },
      {
        faultOf,
        textOf: (number) => `${count(number, 'repository', 'repositories')} would be emptied`,
        ...{ kind: 'emptied', possible: 'warning', shortOf: ({ images }) => count(images, 'image') },
      },
    )
  },
})
