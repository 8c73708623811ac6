import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { craneTag } from '../../explain/storage/commands.ts'
import { inLayout, placeOf } from '../../explain/storage/place.ts'
import { shortDigest } from '../../oci/digest.ts'
import { isRepositoryPath } from '../../oci/reference.ts'
import type { Settings } from '../../settings/schema.ts'
import { defineCheck } from '../define.ts'
import { type JudgedView, withUnlisted } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-tags-lost',
  group: 'storage',
  title: 'every repository with images has its folder of tags',
  fault:
    'Lost tags: a repository has images, or layers of some, and no folder of tags, so no image of it can be pulled by a tag.',
  // A repository to which everything was pushed by digest never had one.
  severity: 'warning',
  advice:
    'Restore the folder from a backup, or tag the images again, unless all of them were pushed by digest on purpose.',
  covers: ['gc-empties-repository'],
  reads: ['storage.links'],
  run: ({ storage }, settings) => {
    const place = placeOf(storage, settings)
    const { items = [], more = 0 } = storage.judged?.faults.lostTags ?? {}
    const faults = items.map(({ repository, images, newest }): Fault => {
      const [last] = newest
      return {
        ...{ subject: repository, repository, explains: [repository] },
        message: `${count(images, 'image')}, and no folder ${inLayout(place, `repositories/${repository}/_manifests/tags`)}`,
        evidence: newest.map(
          ({ digest, at }) => `pushed ${new Date(at).toISOString().slice(0, 10)}: ${shortDigest(digest)}`,
        ),
        ...(last && isRepositoryPath(repository)
          ? { commands: [craneTag(place, repository, last.digest)] }
          : {}),
        cause: repository,
        title: `Lost tags: ${repository} has ${count(images, 'image')} and no folder of tags.`,
      }
    })
    return [...withUnlisted(faults, more), ...withoutManifests(storage, settings)]
  },
})

/** Without the folder of its manifests a repository has none of tags, either, and a collection deletes what only it has. */
function withoutManifests(storage: JudgedView, settings: Settings): Fault[] {
  const place = placeOf(storage, settings)
  const { items = [], more = 0 } = storage.judged?.faults.lostManifests ?? {}
  const faults = items.map(
    ({ repository, blobs, newestAt }): Fault => ({
      ...{ subject: repository, repository, explains: [] },
      message: `${count(blobs, 'layer or configuration', 'layers and configurations')}, and no folder ${inLayout(place, `repositories/${repository}/_manifests/revisions`)}`,
      evidence: [`the newest is from ${new Date(newestAt).toISOString().slice(0, 10)}`],
      cause: `${repository} manifests`,
      title: `Lost manifests: ${repository} has ${count(blobs, 'layer or configuration', 'layers and configurations')} and no folder of manifests.`,
      because:
        'A garbage collection finds in this folder what to keep. Without it, it deletes all that only this repository has, also without --delete-untagged.',
      advice:
        'Nothing has to be done if its first push did not end. Else restore the folder _manifests from a backup, or push the images again, before garbage-collect runs.',
    }),
  )
  return withUnlisted(faults, more)
}
