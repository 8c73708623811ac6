import { firstOf } from '../../core/names.ts'
import { count } from '../../core/units.ts'
import {
  absentPlatforms,
  imageName,
  orphanedPlatforms,
  platformNames,
} from '../../facts/queries/storage/damages.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'storage-sparse-index',
  group: 'storage',
  title: 'the storage has a trace of every platform that an index lists',
  fault:
    'Sparse index: an index lists platforms of which the storage has no trace, as if they were never pushed.',
  severity: 'note',
  advice: 'Nothing has to be done if only some platforms were pushed on purpose; else push the others.',
  reads: ['storage.images'],
  run: ({ storage }) =>
    (storage.judged?.images.broken ?? []).flatMap((image) => {
      const absent = absentPlatforms(image)
      if (image.kind !== 'index' || absent.length === 0 || orphanedPlatforms(image).length > 0) return []
      if (image.top.length > 0) return []
      return [
        {
          ...{ subject: imageName(image), repository: image.repository, digest: image.digest },
          message: `no trace of ${firstOf(platformNames(absent)) || count(absent.length, 'manifest')}`,
          platforms: platformNames(absent),
        },
      ]
    }),
})
