import { fieldsOf, objectOf } from '../../facts/queries/image/graph.ts'
import { unpackedArchives } from '../../facts/queries/image/layers.ts'
import { refusalsText } from '../../oci/clients/refusals.ts'
import { type Compression, isPlainType } from '../../oci/compression.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'layer-compression-unsupported',
  group: 'image',
  title: 'every layer has a compression that clients recognise',
  fault:
    'Unsupported compression: containerd does not decompress a layer, and reads its compressed bytes as an archive.',
  severity: 'error',
  advice:
    'Push again with layers compressed with gzip or zstd, under a media type that says so: “application/vnd.oci.image.layer.v1.tar+gzip”.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    unpackedArchives(image).flatMap(({ repository, blob, unpacked: { compression } }) => {
      const { mediaType, size } = blob.descriptor
      if (!isUnsupported(compression, mediaType)) return []
      return [
        {
          ...objectOf(repository, blob),
          message: `${fieldsOf(blob)}: compressed with ${compression}, media type ${mediaType}`,
          // The first header of an archive takes 512 bytes.
          because: refusalsText(size < 512 ? 'layer-compressed-short' : 'layer-compressed'),
          cause: `${repository.name} ${compression}`,
        },
      ]
    }),
})

/** containerd recognises gzip and zstd, but under the media type of a plain archive it looks for no compression. */
function isUnsupported(compression: Compression, mediaType: string): boolean {
  if (compression === 'none') return false
  return compression === 'xz' || compression === 'bzip2' || isPlainType(mediaType)
}
