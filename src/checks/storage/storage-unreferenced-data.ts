import { firstOf } from '../../core/names.ts'
import { bytesText, count } from '../../core/units.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'storage-unreferenced-data',
  group: 'storage',
  title: 'every blob is named by a repository',
  fault: 'Unreferenced data: blobs that no link and no manifest names; they only take up space.',
  severity: 'note',
  advice: 'The next garbage collection deletes them, unless it stops before.',
  reads: ['storage.images'],
  run: ({ storage }) => {
    const {
      count: blobs,
      bytes,
      first,
    } = storage.judged?.faults.unreferenced ?? { count: 0, bytes: 0, first: [] }
    if (blobs === 0) return []
    const lost = storage.judged?.faults.lostManifests.items.map(({ repository }) => repository) ?? []
    return [
      {
        subject: storage.root,
        message: `${count(blobs, 'blob')} of ${bytesText(bytes)}`,
        evidence: first,
        ...(lost.length > 0
          ? {
              title: `Unreferenced data: blobs that no link and no manifest names. The manifests of ${firstOf(lost)} may be among them.`,
              advice: 'Repair the finding storage-tags-lost first: the next garbage collection deletes them.',
            }
          : {}),
      },
    ]
  },
})
