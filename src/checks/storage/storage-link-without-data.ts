import { count } from '../../core/units.ts'
import { defineCheck } from '../define.ts'
import { withUnlisted } from '../storage-damage.ts'

export default defineCheck({
  id: 'storage-link-without-data',
  group: 'storage',
  title: 'every layer link has data',
  fault: 'Links without data: layer links are left of blobs whose data is gone and that no image needs.',
  severity: 'note',
  advice: 'Nothing has to be done: a push of the blob makes the link whole again.',
  reads: ['storage.images'],
  run: ({ storage }) =>
    withUnlisted(
      (storage.judged?.faults.linksWithoutData.items ?? []).map(({ repository, count: links }) => ({
        ...{ subject: repository, repository },
        message: `${count(links, 'layer link')} without data`,
        cause: 'all',
      })),
      storage.judged?.faults.linksWithoutData.more ?? 0,
    ),
})
