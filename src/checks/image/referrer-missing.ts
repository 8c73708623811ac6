import { manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'referrer-missing',
  group: 'image',
  title: 'every listed referrer exists',
  fault: 'Missing referrers: signatures, SBOMs or other referrers are listed for the image, but are gone.',
  severity: 'warning',
  advice: 'Sign or attest the image again, and keep cleanup jobs from deleting untagged versions.',
  reads: ['image.referrers'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { role, observed } = manifest
      if (role !== 'referrer' || !observed.seen || observed.value.state !== 'absent') return []
      if (observed.value.elsewhere.length > 0) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: `referrer: ${observed.value.refusal.status}`,
          cause: repository.name,
        },
      ]
    }),
})
