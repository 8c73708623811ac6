import { defineCheck } from '../../core/model.ts'
import { manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'

export default defineCheck({
  id: 'referrer-missing',
  group: 'image',
  title: 'every listed referrer is there',
  fault: 'Signatures, SBOMs or other referrers are listed for the image, and are gone.',
  severity: 'warning',
  advice: 'Sign or attest the image again, and keep cleanup jobs from deleting untagged versions.',
  needs: ['image'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { role, sight } = manifest
      if (role !== 'referrer' || !sight.seen || sight.value.state !== 'absent') return []
      if (sight.value.elsewhere.length > 0) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: `referrer: ${sight.value.refusal.status}`,
          cause: repository.name,
        },
      ]
    }),
})
