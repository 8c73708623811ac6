import { expect, test } from 'vitest'
import { dockerList, dockerManifest, ociIndex, ociManifest } from '../../src/oci/media-types.ts'
import { isManifestEntry, isRunnable } from '../../src/oci/runnable.ts'
import { imageOf } from '../support/facts.ts'

type Image = ReturnType<typeof imageOf>

const image = (change: Partial<Image> = {}): Image => ({ ...imageOf('config', 'layer'), ...change })
const withConfig = (mediaType: string): Image => image({ config: { ...image().config, mediaType } })
const withLayers = (...types: string[]): Image =>
  image({ layers: types.map((mediaType) => ({ ...image().config, mediaType })) })

test.each<[string, Image, boolean]>([
  ['an OCI image', image(), true],
  ['a Docker image', withConfig('application/vnd.docker.container.image.v1+json'), true],
  ['Docker layers', withLayers('application/vnd.docker.image.rootfs.diff.tar.gzip'), true],
  ['foreign layers', withLayers('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'), true],
  ['an image without layers', withLayers(), true],
  ['layers of a generic type', withLayers('application/octet-stream'), true],
  ['an image layer among others', withLayers('text/plain', 'application/vnd.oci.image.layer.v1.tar'), true],
  ['a Helm chart', withConfig('application/vnd.cncf.helm.config.v1+json'), false],
  ['a build cache', withConfig('application/vnd.buildkit.cacheconfig.v0'), false],
  [
    'an artifact type beside the configuration of an image',
    image({ artifactType: 'application/vnd.example' }),
    true,
  ],
  ['a cosign signature', withLayers('application/vnd.dev.cosign.simplesigning.v1+json'), false],
  ['a cosign attestation', withLayers('application/vnd.dsse.envelope.v1+json'), false],
  ['an SBOM', withLayers('text/spdx+json'), false],
])('%s: a runtime can start it: %s', (_sentence, document, runnable) => {
  expect(isRunnable(document)).toBe(runnable)
})

test('only image manifests can be started', () => {
  expect(isRunnable({ kind: 'schema1', mediaType: '' })).toBe(false)
})

test.each([
  [ociManifest, true],
  [ociIndex, true],
  [dockerManifest, true],
  [dockerList, true],
  ['APPLICATION/vnd.oci.image.manifest.v1+json; charset=utf-8', true],
  ['', true],
  ['application/vnd.oci.image.layer.v1.tar+gzip', false],
  ['application/vnd.docker.image.rootfs.diff.tar.gzip', false],
  ['application/vnd.buildkit.cacheconfig.v0', false],
  ['application/vnd.oci.empty.v1+json', false],
])('an index entry of type %s is a manifest: %s', (mediaType, expected) => {
  expect(isManifestEntry({ mediaType, digest: '', size: 1 })).toBe(expected)
})
