import { dirname } from 'node:path/posix'
import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { shellWord } from '../../explain/storage/place.ts'
import type { AbortFact } from '../../facts/storage/forecast.ts'
import { defineCheck } from '../define.ts'
import { placeOf } from '../storage-damage.ts'
import { collectionName, forecastRuns, foreseen } from '../storage-forecast.ts'

type Kind = AbortFact['kind']

const moveAside = 'Move it out of the storage:'
const moveManifest =
  'Rename the file: the collection then skips the manifest. It deletes what only this manifest names, so push the image again first if it is needed.'

const advice: Record<Kind, string> = {
  link: 'Write into the link what its path names, as the user that the registry runs as:',
  manifest: moveManifest,
  'media-type': moveManifest,
  schema1: 'Push the image again in a format of today (schema 2 or OCI), then rename the file:',
  'repository-name': `The registry cannot serve it under this name. Its blobs are deleted once it is moved. ${moveAside}`,
  'no-layers': 'Create the folder, as the user that the registry runs as:',
  'no-tags': 'Run garbage-collect without --delete-untagged, or tag an image of the repository first.',
  'tag-link': 'Push the tag again, or delete it if it is not needed.',
  'tag-file': moveAside,
  'tag-name': `The registry cannot serve a tag of this name. ${moveAside}`,
  'stray-data': moveAside,
  'misplaced-data': moveAside,
  'duplicate-link':
    'Find the link files that name this digest; move the one whose path names another out of the storage:',
  'other-name':
    'Move neither of the two links: an image that names the blob by SHA-512 needs both. Push such images again with SHA-256 digests, and delete their old tags.',
  'no-repositories':
    'Check that the whole storage is mounted; the registry creates the folder with the first push.',
  'no-blobs': 'Check that the whole storage is mounted; the registry creates the folder with the first push.',
}

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
    const all = forecastRuns(storage)
    const { root, base } = placeOf(storage, settings)
    const layout = [root.replace(/\/+$/, ''), base].filter(Boolean).join('/')
    const found = foreseen(
      all,
      ({ aborts }) => aborts.first.filter((one) => !isIncomplete(one)),
      ({ kind, path }) => `${kind} ${path}`,
    )
    return found.map(({ item, runs }): Fault => {
      const isNamed = runs.some(({ likelihood }) => likelihood === 'expected')
      const command = commandFor(item, layout)
      const others = Math.max(...runs.map(({ aborts }) => aborts.total)) - 1
      return {
        subject: `${layout}/${item.path}`,
        message: `${item.why}: ${collectionName(runs)} stops there${endings[item.at]}`,
        severity: isNamed ? 'warning' : 'note',
        evidence: others > 0 ? [`it would stop at ${count(others, 'other place')} as well`] : [],
        advice: advice[item.kind],
        ...(command === undefined ? {} : { commands: [command] }),
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

function commandFor({ kind, path, digest }: AbortFact, layout: string): string | undefined {
  const word = shellWord(`${layout}/${path}`)
  switch (kind) {
    case 'link':
      return digest === undefined
        ? `mv ${word} ${shellWord(`${layout}/${path}.damaged`)}`
        : `printf %s ${digest} > ${word}`
    case 'manifest':
    case 'media-type':
    case 'schema1':
      return `mv ${word} ${shellWord(`${layout}/${path}.aside`)}`
    case 'no-layers':
      return `mkdir ${word}`
    case 'repository-name':
    case 'tag-file':
    case 'tag-name':
    case 'stray-data':
    case 'misplaced-data':
      return `mkdir -p ${shellWord(`${layout}.aside/${dirname(path)}`)} && mv ${word} ${shellWord(`${layout}.aside/${path}`)}`
    case 'duplicate-link':
      return `grep -rl --include=link ${path.split('/').at(-2) ?? ''} ${shellWord(`${layout}/${path.split('/').slice(0, -3).join('/')}`)}`
    default:
      return undefined
  }
}
