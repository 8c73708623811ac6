import { mayBeAbsent } from '../../facts/queries/image/foreign-layers.ts'
import { blobsIn, fieldsOf, objectOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'foreign-layer-skipped',
  group: 'image',
  title: 'no foreign layer was skipped',
  fault:
    'Foreign layers skipped: this registry does not have them, which is allowed; the hosts that serve them were not contacted.',
  severity: 'note',
  advice: 'Nothing to do, unless the runtime cannot reach the URLs in the descriptor.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) => {
      const { observed, descriptor } = blob
      if (!mayBeAbsent(blob) || !observed.seen || observed.value.state !== 'absent') return []
      return [
        {
          ...objectOf(repository, blob),
          message: `${fieldsOf(blob)} is hosted elsewhere`,
          evidence: (descriptor.urls ?? []).slice(0, 3),
          cause: repository.name,
        },
      ]
    }),
})
