import { manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'sparse-allowed',
  group: 'image',
  title: 'the mirror holds every platform',
  fault: 'Sparse mirror: the mirror does not serve every platform, which `mirror: true` allows.',
  severity: 'note',
  advice: 'Nothing to do, unless the upstream of the mirror fails: pulling the missing platform fetches it.',
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
          message: 'not served by the mirror',
          cause: repository.name,
        },
      ]
    })
  },
})
