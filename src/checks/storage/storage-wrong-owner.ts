import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { inLayout, placeOf } from '../../explain/storage/place.ts'
import { folderWord } from '../../explain/storage/shell.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'storage-wrong-owner',
  group: 'storage',
  title: 'the user that owns the storage may read all of it',
  fault:
    'Wrong owner: files or folders belong to another user than the rest of the storage, and only their owner may read them.',
  // That the registry runs as the owner of the rest is likely, not certain.
  severity: 'warning',
  advice:
    'Give the files to the user that the registry runs as; it answers requests for them with HTTP 500 until then.',
  reads: ['storage.layout'],
  run: ({ storage }, settings) => {
    const { layout, root } = storage
    if (!layout.seen || !layout.value.wrongOwner) return []
    const { owner, files } = layout.value.wrongOwner
    const place = placeOf(storage, settings)
    const giveTo = (below: string, test: string) =>
      `find ${folderWord(inLayout(place, below))} ${test} -exec chown ${owner} {} +`
    const commands: Record<(typeof files)[number]['kind'], (uid: number) => string> = {
      data: (uid) => giveTo('blobs', `-user ${uid} ! -perm /044`),
      link: (uid) => giveTo('repositories', `-name link -user ${uid} ! -perm /044`),
      folder: (uid) => giveTo('', `-type d -user ${uid} ! -perm -050 ! -perm -005`),
    }
    return files.map(
      ({ kind, uid, count: number, first }): Fault => ({
        subject: `user ${uid}`,
        message: `${count(number, names[kind])} of user ${uid}, who alone may read ${number === 1 ? 'it' : 'them'}; most others belong to user ${owner}`,
        evidence: first.slice(0, 5),
        commands: [commands[kind](uid)],
        cause: root,
      }),
    )
  },
})

const names = { data: 'data file', link: 'link', folder: 'folder' } as const
