import { count } from '../../core/units.ts'
import { fieldsOf, objectOf } from '../../facts/queries/image/graph.ts'
import { unpackedArchives } from '../../facts/queries/image/layers.ts'
import { refusalsText } from '../../oci/clients/refusals.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'layer-trailing-bytes',
  group: 'image',
  title: 'nothing follows the compressed stream of a layer',
  fault:
    'Trailing bytes: a layer has bytes after the end of its gzip stream, which clients read as another member.',
  severity: 'error',
  advice:
    'Rebuild and push with a tool that does not pad layers; `gzip -t` on a layer prints no warning then.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    unpackedArchives(image).flatMap(({ repository, blob, unpacked: { trailingBytes } }) =>
      trailingBytes === 0
        ? []
        : [
            {
              ...objectOf(repository, blob),
              message: `${fieldsOf(blob)}: ${count(trailingBytes, 'byte')} after the end of the gzip stream`,
              because: refusalsText('layer-trailing-bytes'),
              cause: repository.name,
            },
          ],
    ),
})
