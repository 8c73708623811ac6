import { defineCheck } from '../../core/model.ts'
import { manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'

export default defineCheck({
  id: 'subject-missing',
  group: 'image',
  title: 'every subject is there',
  fault: 'A manifest refers to a subject that is not in the repository.',
  severity: 'warning',
  advice: 'Push the subject to the same repository, or delete what refers to it.',
  needs: ['image'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { role, sight, uses } = manifest
      if (role !== 'subject' || !sight.seen || sight.value.state !== 'absent') return []
      if (sight.value.elsewhere.length > 0) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: `the subject of ${uses[0]?.parent ?? 'a manifest'} answers ${sight.value.refusal.status}`,
        },
      ]
    }),
})
