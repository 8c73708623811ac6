import { manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'sparse-allowed',
  group: 'image',
  title: 'a mirror holds what was pulled through it',
  fault: 'The mirror has not fetched every platform yet; with `mirror: true` that is no fault.',
  severity: 'note',
  advice: 'Nothing to do: a pull of the missing platform fetches it.',
  reads: ['image.manifests'],
  run: ({ image }, { mirror }) => {
    if (!mirror) return []
    return [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { role, observed } = manifest
      const child = manifest.uses.some(({ parent }) => parent !== '')
      if (
        (role !== 'image' && role !== 'attestation') ||
        !child ||
        !observed.seen ||
        observed.value.state !== 'absent'
      )
        return []
      return [
        {
          ...objectOf(repository, manifest),
          message: 'not fetched by the mirror yet',
          cause: repository.name,
        },
      ]
    })
  },
})
