import { count } from '../../core/units.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'multipart-uploads-left',
  group: 'storage',
  title: 'no multipart upload was left in the bucket',
  fault: 'Multipart uploads left: parts of uploads that nobody completes take up space in the bucket.',
  severity: 'note',
  advice: 'Give the bucket a lifecycle rule that aborts incomplete multipart uploads after 7 days.',
  reads: ['storage.multipart'],
  run: ({ storage: { root, multipart } }) => {
    if (multipart?.state !== 'listed' || multipart.stale === 0) return []
    const { stale, oldest = 0, examples, isComplete } = multipart
    const since = new Date(oldest).toISOString().slice(0, 10)
    return [
      {
        subject: root,
        message: `${isComplete ? '' : 'at least '}${count(stale, 'multipart upload was', 'multipart uploads were')} begun more than a week ago and not completed, the oldest on ${since}`,
        evidence: examples,
      },
    ]
  },
})
