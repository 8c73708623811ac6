import { bytesText } from '../../core/units.ts'
import { mayBeAbsent } from '../../facts/queries/image/foreign-layers.ts'
import { blobsIn, fieldsOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'layer-missing',
  group: 'image',
  title: 'every layer exists',
  fault:
    'Missing layers: layers that the manifest lists do not exist, so the image resolves but cannot be pulled.',
  severity: 'error',
  advice: 'Rebuild and push again; then find out what deletes blobs on the registry.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) => {
      const { observed, role, uses, inline, descriptor } = blob
      if (!observed.seen || observed.value.state !== 'absent' || mayBeAbsent(blob)) return []
      if (uses.some(({ field }) => field === 'config')) return []
      const { status, code } = observed.value.refusal
      return [
        {
          ...objectOf(repository, blob),
          severity: inline === 'matches' ? 'warning' : severityOf(role),
          message: `${fieldsOf(blob)}, ${bytesText(descriptor.size)}: ${status} ${code}`.trimEnd(),
          evidence: uses.length > 1 ? [`listed by ${uses.length} manifests`] : [],
          cause: repository.name,
        },
      ]
    }),
})
