import { manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'subject-missing',
  group: 'image',
  title: 'every subject exists',
  fault: 'Missing subject: a manifest refers to a subject that is not in the repository.',
  severity: 'warning',
  advice: 'Push the subject to the same repository, or delete the manifest that refers to it.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { role, observed, uses } = manifest
      if (role !== 'subject' || !observed.seen || observed.value.state !== 'absent') return []
      if (observed.value.elsewhere.length > 0) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: `subject of ${uses[0]?.parent ?? 'a manifest'}: ${observed.value.refusal.status}`,
        },
      ]
    }),
})
