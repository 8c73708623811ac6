import { defineCheck } from '../../core/model.ts'
import { bytesText } from '../../core/units.ts'
import { blobsIn, fieldsOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { mayBeAbsent } from './foreign-layer-skipped.ts'

export default defineCheck({
  id: 'layer-missing',
  group: 'image',
  title: 'every layer is there',
  fault: 'Layers are gone: the image can be resolved, and not be pulled.',
  severity: 'error',
  advice: 'Rebuild and push again; then look at what deletes blobs on the registry.',
  needs: ['image'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) => {
      const { sight, role, uses, inline, descriptor } = blob
      if (!sight.seen || sight.value.state !== 'absent' || mayBeAbsent(blob)) return []
      if (uses.some(({ field }) => field === 'config')) return []
      const { status, code } = sight.value.refusal
      return [
        {
          ...objectOf(repository, blob),
          severity: inline === 'matches' ? 'warning' : severityOf(role),
          message: `${fieldsOf(blob)}, ${bytesText(descriptor.size)}: ${status} ${code}`.trimEnd(),
          evidence: uses.length > 1 ? [`named by ${uses.length} manifests`] : [],
          cause: repository.name,
        },
      ]
    }),
})
