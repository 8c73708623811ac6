import { expect, test } from 'vitest'
import check from '../../../src/checks/image/mixed-media-types.ts'
import { dockerConfig, dockerManifest, ociConfig, ociManifest } from '../../../src/oci/media-types.ts'
import {
  about,
  all,
  type Change,
  faultsOf,
  imageIn,
  manifestIn,
  type Quiet,
  read,
  repository,
} from '../../support/facts.ts'

const ociLayer = 'application/vnd.oci.image.layer.v1.tar+gzip'
const dockerLayer = 'application/vnd.docker.image.rootfs.diff.tar.gzip'
const shaped =
  (manifest: string, config: string, layer: string): Change =>
  (facts) => {
    const image = imageIn(facts, 'arm64')
    image.mediaType = manifest
    image.config.mediaType = config
    for (const each of image.layers) each.mediaType = layer
  }

test('OCI layers in a Docker manifest are a warning that names podman and its error', () => {
  expect(faultsOf(check, shaped(dockerManifest, dockerConfig, ociLayer))).toEqual([
    {
      ...about('arm64', 'linux/arm64'),
      severity: 'warning',
      message: `layers[0]: ${ociLayer}`,
      expected: 'Docker types in a Docker manifest',
      cause: repository,
      because: 'Pulls fail in podman with “unsupported docker v2s2 media type: …”.',
    },
  ])
})

test('a Docker configuration in an OCI manifest is a warning, too', () => {
  expect(faultsOf(check, shaped(ociManifest, dockerConfig, ociLayer))).toMatchObject([
    {
      message: `config: ${dockerConfig}`,
      because: expect.stringContaining('unsupported image-specific operation'),
    },
  ])
})

test('the type of the answer counts where the manifest states none', () => {
  const answered: Change = (facts) => {
    manifestIn(facts, 'arm64').observed = read(imageIn(facts, 'arm64'), dockerManifest)
  }
  expect(faultsOf(check, all(shaped('', dockerConfig, ociLayer), answered))).toHaveLength(1)
})

test.each<Quiet>([
  ['all types of OCI', shaped(ociManifest, ociConfig, ociLayer)],
  ['all types of Docker', shaped(dockerManifest, dockerConfig, dockerLayer)],
  [
    'an OCI configuration in a Docker manifest is read by all',
    shaped(dockerManifest, ociConfig, dockerLayer),
  ],
  ['Docker layers in an OCI manifest are read by all', shaped(ociManifest, ociConfig, dockerLayer)],
  [
    'a layer of a general type is another finding',
    shaped(dockerManifest, dockerConfig, 'application/octet-stream'),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
