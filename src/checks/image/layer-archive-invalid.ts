import { fieldsOf, objectOf } from '../../facts/queries/image/graph.ts'
import { unpackedArchives } from '../../facts/queries/image/layers.ts'
import { refusalsText } from '../../oci/clients/refusals.ts'
import { defineCheck } from '../define.ts'

const problems = {
  cut: {
    severity: 'error',
    text: 'the archive ends in the middle of an entry',
    refusal: 'layer-archive-cut',
  },
  invalid: {
    severity: 'error',
    text: 'a header of the archive is invalid',
    refusal: 'layer-archive-invalid',
  },
  escaping: {
    severity: 'warning',
    text: 'an entry of the archive leads above its root',
    refusal: 'layer-archive-escaping',
    title:
      'Path above the root: a layer has an entry that leads out of the image, which some clients refuse.',
  },
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
      const { text, refusal, ...fault } = problems[archive]
      return [
        {
          ...objectOf(repository, blob),
          ...fault,
          message: `${fieldsOf(blob)}: ${text}`,
          because: refusalsText(refusal),
          cause: `${repository.name} ${archive}`,
        },
      ]
    }),
})
