import { fieldsOf, objectOf } from '../../facts/queries/image/graph.ts'
import { unpackedArchives } from '../../facts/queries/image/layers.ts'
import { refusalsText } from '../../oci/clients/refusals.ts'
import { defineCheck } from '../define.ts'

const problems = {
  cut: { text: 'the archive ends in the middle of an entry', refusal: 'layer-archive-cut' },
  invalid: { text: 'a header of the archive is invalid', refusal: 'layer-archive-invalid' },
} as const

export default defineCheck({
  id: 'layer-archive-invalid',
  group: 'image',
  title: 'every layer is an archive that can be read to its end',
  fault: 'Invalid archive: a layer decompresses, but what it holds is no complete tar archive.',
  severity: 'error',
  advice: 'Rebuild without the layer cache and push again: `tar -tf` on the layer must list it to the end.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    unpackedArchives(image).flatMap(({ repository, blob, unpacked: { archive = 'readable' } }) => {
      if (archive === 'readable') return []
      const { text, refusal } = problems[archive]
      return [
        {
          ...objectOf(repository, blob),
          message: `${fieldsOf(blob)}: ${text}`,
          because: refusalsText(refusal),
          cause: `${repository.name} ${archive}`,
        },
      ]
    }),
})
