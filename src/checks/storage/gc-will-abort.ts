import { dirname } from 'node:path/posix'
import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { action } from '../../explain/storage/advice.ts'
import { moveAside, renameFile, writeLink } from '../../explain/storage/files.ts'
import { inLayout, placeOf, type RepairPlace } from '../../explain/storage/place.ts'
import { folderWord, shellWord } from '../../explain/storage/shell.ts'
import type { AbortFact } from '../../facts/storage/forecast.ts'
import { defineCheck } from '../define.ts'
import { collectionName, forecastRuns, foreseen } from '../storage-forecast.ts'

type Kind = AbortFact['kind']

/** What to do about an abort, and the command for it, if one does it. */
type Way = (abort: AbortFact, place: RepairPlace) => { what: string; command?: string | undefined }

const moveFile: Way = ({ path }, place) => ({
  what: 'Move it out of the storage',
  command: moveAside(place, path, 'file'),
})

const renameManifest: Way = ({ path }, place) => ({
  what: 'Push the image again first if it is needed: the collection deletes what only this manifest names. Then rename the file, which it skips',
  command: renameFile(place, path, '.aside'),
})

const mountWhole: Way = () => ({
  what: 'Check that the whole storage is mounted; the registry creates the folder with the first push',
})

const ways: Record<Kind, Way> = {
  link: writeOrMove,
  manifest: renameManifest,
  'media-type': renameManifest,
  schema1: ({ path }, place) => ({
    what: 'Push the image again in a format of today (schema 2 or OCI), then rename the file',
    command: renameFile(place, path, '.aside'),
  }),
  'repository-name': ({ path }, place) => ({
    what: 'The registry cannot serve it under this name. Its blobs are deleted once it is moved. Move it out of the storage',
    command: moveAside(place, path, 'folder'),
  }),
  'no-layers': ({ path }, place) => ({
    what: 'Create the folder, as the user that the registry runs as',
    command: place.driver === 's3' ? undefined : `mkdir ${folderWord(inLayout(place, path))}`,
  }),
  'no-tags': () => ({
    what: 'Run garbage-collect without --delete-untagged, or tag an image of the repository first',
  }),
  'tag-link': () => ({ what: 'Push the tag again, or delete it if it is not needed' }),
  'tag-file': moveFile,
  'tag-name': ({ path }, place) => ({
    what: 'The registry cannot serve a tag of this name. Move it out of the storage',
    command: moveAside(place, path, 'folder'),
  }),
  'no-revision': ({ path }, place) => ({
    what: 'Make the folder that it wants to delete, as the user that the registry runs as',
    command: place.driver === 's3' ? undefined : `mkdir -p ${folderWord(inLayout(place, dirname(path)))}`,
  }),
  'stray-data': moveFile,
  'misplaced-data': moveFile,
  'duplicate-link': ({ path }, place) => {
    const [above, [hex = '']] = [path.split('/').slice(0, -3), path.split('/').slice(-2)]
    return {
      what: 'Find the link files that name this digest, and move the one whose path names another out of the storage',
      command: findLinks(place, above.join('/'), `-exec grep -l ${shellWord(hex)} {} +`),
    }
  },
  'other-name': () => ({
    what: 'Move neither of the two links: an image that names the blob by SHA-512 needs both. Push such images again with SHA-256 digests, and delete their old tags',
  }),
  'no-repositories': mountWhole,
  'no-blobs': mountWhole,
}

/** A link whose data is there can be written from its path; one without data leads nowhere. */
function writeOrMove({ path, digest }: AbortFact, place: RepairPlace): ReturnType<Way> {
  if (digest !== undefined)
    return {
      what: 'Write into the link what its path names, as the user that the registry runs as',
      command: writeLink(place, path, digest),
    }
  if (path.endsWith('/link'))
    return {
      what: 'The data that its path names is gone, too. Move the link out of the storage',
      command: moveAside(place, path, 'file'),
    }
  return {
    what: 'Find the links here that hold no digest, and move them out of the storage',
    command: findLinks(place, path, "-exec grep -LE '^sha(256|512):[0-9a-f]+$' {} +"),
  }
}

/** Lists link files; in a bucket nothing can. */
const findLinks = (place: RepairPlace, folder: string, test: string): string | undefined =>
  place.driver === 's3' ? undefined : `find ${folderWord(inLayout(place, folder))} -name link ${test}`

/** These have findings of their own about what is missing. */
const isIncomplete = ({ kind }: AbortFact): boolean => kind === 'no-repositories' || kind === 'no-blobs'

export default defineCheck({
  id: 'gc-will-abort',
  group: 'storage',
  title: 'nothing stops the garbage collection',
  fault: 'Garbage collection will stop: it meets something that it cannot read, and frees no space.',
  severity: 'warning',
  advice: 'Repair what it stops at; until then the disk fills.',
  reads: ['storage.images'],
  run: ({ storage }, settings) => {
    const place = placeOf(storage, settings)
    const found = foreseen(
      forecastRuns(storage),
      ({ aborts }) => aborts.first.filter((one) => !isIncomplete(one)),
      ({ kind, path }) => `${kind} ${path}`,
    )
    const unlisted = Math.max(
      0,
      ...found.flatMap(({ runs }) => runs.map(({ aborts }) => aborts.total - aborts.first.length)),
    )
    return found.map(({ item, runs }, at): Fault => {
      const isNamed = runs.some(({ likelihood }) => likelihood === 'expected')
      return {
        subject: inLayout(place, item.path),
        message: `${item.why}: ${collectionName(runs)} stops there${endings[item.at]}`,
        severity: isNamed ? 'warning' : 'note',
        evidence:
          at === 0 && unlisted > 0
            ? [`it would stop at ${count(unlisted, 'more place')}, not listed here`]
            : [],
        ...action(ways[item.kind](item, place)),
        cause: item.kind,
      }
    })
  },
})

/** What it leaves behind, by the step in which it stops. */
const endings: Record<AbortFact['at'], string> = {
  mark: ', before it deletes anything, each time; the disk fills',
  revisions: ', after it removed some links of manifests and before it freed any space',
  list: ', after it removed links of manifests and before it freed any space',
  blobs: ' in the middle of deleting blobs',
  layers: ', after it deleted the blobs',
}
