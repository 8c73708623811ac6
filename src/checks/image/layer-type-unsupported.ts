import type { Fault } from '../../core/finding.ts'
import type { ManifestFact, RepositoryFact } from '../../facts/image.ts'
import { configOf, documentOf, isImage, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { type LayerRefusal, layerRefusal } from '../../oci/clients/layer-types.ts'
import { refusalsText } from '../../oci/clients/refusals.ts'
import { isImageConfigType } from '../../oci/media-types.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'layer-type-unsupported',
  group: 'image',
  title: 'every layer has a media type that clients unpack',
  fault: 'Unsupported layer type: some clients do not unpack layers of this media type.',
  severity: 'error',
  advice:
    'Push again with a current tool, or with the media types of image-spec: “application/vnd.oci.image.layer.v1.tar+gzip”.',
  reads: ['image.manifests'],
  consults: ['image.blobs'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) =>
      manifest.role === 'image' && isLabelledImage(repository, manifest)
        ? faultsOf(repository, manifest)
        : [],
    ),
})

/**
 * True for an image, even one whose layers all have foreign types, if its configuration is one for Linux or Windows: artifacts with the
 * configuration type of an image, such as signatures and WebAssembly modules, are not.
 */
function isLabelledImage(repository: RepositoryFact, manifest: ManifestFact): boolean {
  const document = documentOf(manifest)
  if (document?.kind !== 'image') return false
  if (isImage(repository, manifest)) return true
  const config = configOf(repository, manifest)?.config
  const os =
    isImageConfigType(document.config.mediaType) && config?.ok ? config.value.platform?.os : undefined
  return os === 'linux' || os === 'windows'
}

function faultsOf(repository: RepositoryFact, manifest: ManifestFact): Fault[] {
  const document = documentOf(manifest)
  const layers = document?.kind === 'image' ? document.layers : []
  const refused = layers.flatMap(({ mediaType }, index) => {
    const refusal = layerRefusal(mediaType)
    return refusal ? [{ refusal, index, mediaType }] : []
  })
  return [...Map.groupBy(refused, ({ mediaType }) => mediaType)].map(([mediaType, [first, ...more]]) => ({
    ...objectOf(repository, manifest),
    ...describe(first?.refusal),
    message: `layers[${first?.index}]${more.length > 0 ? ` and ${more.length} more` : ''}: ${mediaType || 'no media type'}`,
    cause: `${repository.name} ${mediaType}`,
  }))
}

const describe = (refusal: LayerRefusal | undefined) =>
  refusal ? { severity: refusal.severity, because: refusalsText(refusal.id) } : {}
