import { mayBeAbsent } from '../../facts/queries/image/foreign-layers.ts'
import { blobsIn, fieldsOf, objectOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'foreign-layer-skipped',
  group: 'image',
  title: 'foreign layers are left to those who host them',
  fault: 'Foreign layers are not in this registry, as they may; nobody asked their own hosts.',
  severity: 'note',
  advice: 'Nothing to do, unless the runtime cannot reach the addresses in the descriptor.',
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
