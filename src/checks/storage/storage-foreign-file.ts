import type { Fault } from '../../core/finding.ts'
import { moveAside } from '../../explain/storage/files.ts'
import { inLayout, placeOf } from '../../explain/storage/place.ts'
import { defineCheck } from '../define.ts'
import { withUnlisted } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-foreign-file',
  group: 'storage',
  title: 'the folder of the blobs holds nothing but blobs',
  fault:
    'Foreign file: a file named “data” stands where no digest leads to, and a garbage collection stops at it.',
  severity: 'error',
  advice: 'Move it out of the storage.',
  covers: ['gc-will-abort'],
  reads: ['storage.blobs'],
  run: ({ storage }, settings) => {
    const place = placeOf(storage, settings)
    const { items = [], more = 0 } = storage.judged?.faults.foreign ?? {}
    const faults = items.map(
      ({ path, stopsCollection }): Fault => ({
        subject: path,
        message: stopsCollection ? 'a garbage collection stops here' : 'the registry does not read it',
        ...(stopsCollection
          ? {
              cause: 'stops',
              advice: 'Move it out of the storage:',
              commands: [moveAside(place, path, 'file')],
              explains: [inLayout(place, path)],
              because:
                'The binary reads every file named “data” below blobs, and takes the folders above it for a digest.',
            }
          : {
              ...{ severity: 'note', cause: 'ignored', explains: [] },
              title: 'Foreign files: files below blobs that the registry does not read.',
              advice: 'Nothing has to be done; move them out of the storage if nobody needs them.',
            }),
      }),
    )
    return withUnlisted(faults, more)
  },
})
