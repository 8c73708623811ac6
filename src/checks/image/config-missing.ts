import { blobsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { refusalText, storageText } from '../../facts/queries/image/refusal-text.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'config-missing',
  group: 'image',
  title: 'every image configuration exists',
  fault: 'Missing configuration: the image configuration does not exist, so the image cannot be started.',
  severity: 'error',
  advice: 'Rebuild and push again; then find out what deletes blobs on the registry.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    [...blobsIn(image)].flatMap(({ repository, blob }) => {
      const { observed, role, uses, inline } = blob
      if (
        !observed.seen ||
        observed.value.state !== 'absent' ||
        uses.every(({ field }) => field !== 'config')
      )
        return []
      const embedded = inline === 'matches'
      return [
        {
          ...objectOf(repository, blob),
          severity: embedded ? 'warning' : severityOf(role),
          message: `configuration: ${refusalText(observed.value.refusal)}`,
          ...storageText(observed.value.refusal),
          ...(embedded
            ? { because: 'The manifest embeds the configuration, so only clients that ignore “data” fail.' }
            : {}),
          cause: repository.name,
        },
      ]
    }),
})
