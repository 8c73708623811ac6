import { type BlobFact, defineCheck } from '../../core/model.ts'
import { blobsIn, fieldsOf, objectOf } from '../../facts/queries/image/graph.ts'
import { isForeignLayerType } from '../../oci/media-types.ts'

/** True for layers that live elsewhere by design: non-distributable ones, and those with addresses of their own. */
export const mayBeAbsent = ({ descriptor, uses }: BlobFact): boolean =>
  uses.every(({ field }) => field !== 'config') &&
  (isForeignLayerType(descriptor.mediaType) || (descriptor.urls?.length ?? 0) > 0)

export default defineCheck({
  id: 'foreign-layer-skipped',
  group: 'image',
  title: 'foreign layers are left to those who host them',
  fault: 'Foreign layers are not in this registry, as they may; nobody asked their own hosts.',
  severity: 'note',
  advice: 'Nothing to do, unless the runtime cannot reach the addresses in the descriptor.',
  needs: ['image'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) => {
      const { sight, descriptor } = blob
      if (!mayBeAbsent(blob) || !sight.seen || sight.value.state !== 'absent') return []
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
