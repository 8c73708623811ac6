import { defineCheck } from '../../core/model.ts'
import { manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'

export default defineCheck({
  id: 'attestation-missing',
  group: 'image',
  title: 'every attestation of an index is there',
  fault: 'Attestations that the index lists are gone; the images can be pulled, their provenance is lost.',
  severity: 'warning',
  advice: 'Push again with provenance, and keep cleanup jobs from deleting untagged versions.',
  needs: ['image'],
  run: ({ image }, { mirror }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { role, sight } = manifest
      if (mirror || role !== 'attestation' || !sight.seen || sight.value.state !== 'absent') return []
      if (sight.value.elsewhere.length > 0) return []
      const { status, code } = sight.value.refusal
      return [
        {
          ...objectOf(repository, manifest),
          message: `attestation manifest: ${status} ${code}`.trimEnd(),
          cause: repository.name,
        },
      ]
    }),
})
