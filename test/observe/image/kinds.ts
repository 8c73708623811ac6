import {
  artifact,
  attestation,
  buildCache,
  type Content,
  contentsOf,
  descriptorOf,
  emptyConfig,
  foreignLayer,
  image,
  index,
  inlineDescriptorOf,
  layer,
  multiPlatform,
  rewrite,
  underUnknownAlgorithm,
  withdrawnArtifact,
} from '../../../src/fake-registry/images/images.ts'

/** A kind of content that a registry may hold, and the findings that a run may have for it. */
export type Kind = { contents: Content[]; notes?: string[]; warnings?: string[] }

const amd64 = image('linux/amd64')
const arm64 = image('linux/arm64', { layers: [layer({ 'etc/b': 'b' }), layer({ 'etc/c': 'c' })] })
const twoLayers = [layer({ 'etc/base': 'base' }), layer({ 'etc/top': 'top' })]

function inlined(): Content[] {
  const manifest = rewrite(amd64.manifest, (body) => ({ ...body, config: inlineDescriptorOf(amd64.config) }))
  return [...amd64.blobs, manifest]
}

function unknownAlgorithm(): Content[] {
  const odd = underUnknownAlgorithm(layer({ 'etc/odd': 'odd' }))
  const child = image('linux/amd64', { layers: [odd] })
  const manifest = underUnknownAlgorithm(child.manifest)
  const top = index([descriptorOf(manifest, { platform: { os: 'linux', architecture: 'amd64' } })])
  return [...child.blobs, manifest, top.manifest]
}

const sha512 = (): Content[] => {
  const algorithm = 'sha512'
  const child = image('linux/amd64', { algorithm, layers: [layer({ 'etc/long': 'long' }, { algorithm })] })
  return contentsOf(index([child], { algorithm }))
}

/** Every kind of healthy content, by name. */
export const kinds: Record<string, Kind> = {
  'an index': {
    contents: multiPlatform({ platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'] }).contents,
  },
  'an index whose platforms share layers': { contents: multiPlatform({ sharedBase: true }).contents },
  'a nested index': { contents: contentsOf(index([index([amd64]), arm64])), notes: ['index-nested'] },
  'a Docker manifest list': { contents: multiPlatform({ format: 'docker' }).contents },
  'a Docker image': { contents: contentsOf(image('linux/amd64', { format: 'docker' })) },
  'an OCI image': { contents: contentsOf(amd64) },
  'an OCI image without a media type of its own': {
    contents: [...amd64.blobs, rewrite(amd64.manifest, ({ mediaType: _, ...body }) => body)],
  },
  'zstd layers': { contents: multiPlatform({ compression: 'zstd' }).contents },
  'plain layers': { contents: multiPlatform({ compression: 'none' }).contents },
  'an artifact with an empty config': { contents: contentsOf(artifact()) },
  'a withdrawn artifact manifest': { contents: contentsOf(withdrawnArtifact()) },
  'attestations with an image config': { contents: contentsOf(index([amd64, attestation(amd64)])) },
  'attestations with an empty config': {
    contents: contentsOf(index([amd64, attestation(amd64, { config: 'empty' })])),
  },
  'a foreign layer hosted elsewhere': {
    contents: contentsOf(
      image('windows/amd64', {
        layers: [foreignLayer({ a: 'a' }, ['https://layers.invalid/a']), layer({ b: 'b' })],
      }),
    ),
    notes: ['foreign-layer-skipped'],
  },
  'a config that is embedded': { contents: inlined() },
  'an artifact of no bytes': { contents: contentsOf(artifact({ content: '' })) },
  'an image without layers': { contents: contentsOf(image('linux/amd64', { layers: [] })) },
  'one layer that is listed twice': {
    contents: contentsOf(image('linux/amd64', { layers: [layer({ a: 'a' }), layer({ a: 'a' })] })),
  },
  'sha512 digests': { contents: sha512() },
  'digests of an unknown algorithm': { contents: unknownAlgorithm(), warnings: ['unverifiable-digest'] },
  'a subject next to the image': {
    contents: [...contentsOf(amd64), ...contentsOf(artifact({ subject: descriptorOf(amd64.manifest) }))],
  },
  'a build cache as an image manifest': {
    contents: contentsOf(buildCache(twoLayers, { imageManifest: true })),
  },
  'a build cache as an index of blobs': {
    contents: contentsOf(buildCache(twoLayers, { imageManifest: false })),
  },
  'a build cache as a Docker manifest list of blobs': {
    contents: contentsOf(buildCache(twoLayers, { imageManifest: false, format: 'docker' })),
  },
  'an artifact that shares the empty config': {
    contents: [emptyConfig, ...contentsOf(artifact({ content: 'x' }))],
  },
}
