import { manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'attestation-missing',
  group: 'image',
  title: 'every attestation listed by an index exists',
  fault:
    'Missing attestations: the index lists attestations that are gone; the images can be pulled, but their provenance is lost.',
  severity: 'warning',
  advice: 'Push again with provenance enabled, and keep cleanup jobs from deleting untagged versions.',
  reads: ['image.manifests'],
  run: ({ image }, { mirror }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { role, observed } = manifest
      if (mirror || role !== 'attestation' || !observed.seen || observed.value.state !== 'absent') return []
      if (observed.value.elsewhere.length > 0) return []
      const { status, code } = observed.value.refusal
      return [
        {
          ...objectOf(repository, manifest),
          message: `attestation manifest: ${status} ${code}`.trimEnd(),
          cause: repository.name,
        },
      ]
    }),
})
