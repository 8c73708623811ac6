import type { Fault } from '../../core/finding.ts'
import { bytesText, count } from '../../core/units.ts'
import { repairCommand } from '../../explain/storage/commands.ts'
import { placeOf } from '../../explain/storage/place.ts'
import { defineCheck } from '../define.ts'

/** So many files get a command. */
const maxCommands = 20

export default defineCheck({
  id: 'storage-unused-blob-corrupt',
  group: 'storage',
  title: 'the bytes of hashed blobs that no image needs match their digests',
  fault: 'Corrupt unused blob: no image needs it now, but a push that does will not replace it.',
  severity: 'warning',
  advice:
    'Move the files away and restart the registry. Until then a push that needs such a blob succeeds, and its image cannot be pulled.',
  reads: ['storage.images'],
  run: ({ storage }, settings) => {
    const place = placeOf(storage, settings)
    const { items = [], more = 0 } = storage.judged?.faults.corrupt ?? {}
    const step = { images: [], bytes: 0 }
    const commands = [
      ...items.slice(0, maxCommands).map(({ digest }) => ({ ...step, action: 'move-away' as const, digest })),
      { ...step, action: 'restart' as const },
    ].flatMap((one) => repairCommand(one, place).command ?? [])
    return items.map(
      ({ digest, bytes }): Fault => ({
        ...{ subject: digest, digest, commands },
        message: `its ${bytesText(bytes)} do not match its digest`,
        cause: storage.root,
        title: `Corrupt unused blobs: the bytes of ${count(items.length + more, 'blob')} that no image needs have changed on disk.`,
      }),
    )
  },
})
