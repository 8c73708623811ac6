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
    return [
      {
        subject: storage.root,
        message: `${count(blobs, 'blob')} of ${bytesText(bytes)}`,
        evidence: first,
      },
    ]
  },
})
