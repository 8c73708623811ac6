import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { inLayout, placeOf } from '../../explain/storage/place.ts'
import { folderWord } from '../../explain/storage/shell.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'storage-wrong-owner',
  group: 'storage',
  title: 'the user that owns the storage may read all of its data',
  fault:
    'Wrong owner: data files belong to another user than the rest of the storage, and only their owner may read them.',
  // That the registry runs as the owner of the rest is likely, not certain.
  severity: 'warning',
  advice:
    'Give the files to the user that the registry runs as; it answers requests for them with HTTP 500 until then.',
  reads: ['storage.layout'],
  run: ({ storage }, settings) => {
    const { layout, root } = storage
    if (!layout.seen || !layout.value.wrongOwner) return []
    const { owner, files } = layout.value.wrongOwner
    const folder = folderWord(inLayout(placeOf(storage, settings), 'blobs'))
    return files.map(
      ({ uid, count: number, first }): Fault => ({
        subject: `user ${uid}`,
        message: `${count(number, 'data file')} of user ${uid}, who alone may read ${number === 1 ? 'it' : 'them'}; most others belong to user ${owner}`,
        evidence: first.slice(0, 5),
        commands: [`find ${folder} -user ${uid} ! -perm /044 -exec chown ${owner} {} +`],
        cause: root,
      }),
    )
  },
})
