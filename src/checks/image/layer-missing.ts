import type { Fault } from '../../core/finding.ts'
import { bytesText } from '../../core/units.ts'
import { mayBeAbsent } from '../../facts/queries/image/foreign-layers.ts'
import { blobsIn, fieldsOf, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { refusalText, storageText } from '../../facts/queries/image/refusal-text.ts'
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
      const { refusal } = observed.value
      return [
        {
          ...objectOf(repository, blob),
          severity: inline === 'matches' ? 'warning' : severityOf(role),
          message: `${fieldsOf(blob)}, ${bytesText(descriptor.size)}: ${refusalText(refusal)}`,
          evidence: uses.length > 1 ? [`listed by ${uses.length} manifests`] : [],
          cause: repository.name,
          ...storageText(refusal),
          ...((descriptor.urls?.length ?? 0) > 0 ? { because: ignoredUrls } : {}),
          ...(uses.every(({ field }) => field.startsWith('manifests['))
            ? listedByIndex(repository.name)
            : {}),
        },
      ]
    }),
})

const ignoredUrls =
  'The descriptor has “urls”, but only layers of a foreign or non-distributable type may be hosted elsewhere: Docker ignores them.'

/** What to say of a blob that an index lists by itself: what is incomplete is no image. */
const listedByIndex = (repository: string): Partial<Fault> => ({
  title: 'Missing blobs: blobs that an index lists directly, as a build cache does, do not exist.',
  advice: 'Run the build that writes it once more; then find out what deletes blobs on the registry.',
  cause: `${repository} blobs of an index`,
})
