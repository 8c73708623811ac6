import { expect, test } from 'vitest'
import check from '../../../src/checks/image/config-type-unsupported.ts'
import { dockerConfig, dockerManifest, ociConfig } from '../../../src/oci/media-types.ts'
import { about, type Change, faultsOf, imageIn, type Quiet } from '../../support/facts.ts'

const configured =
  (mediaType: string, layer?: string): Change =>
  (facts) => {
    const image = imageIn(facts, 'arm64')
    image.config.mediaType = mediaType
    if (layer !== undefined) for (const each of image.layers) each.mediaType = layer
  }

test.each(['application/octet-stream', 'application/json', 'text/html', ''])(
  'an image whose configuration has the type “%s” is a warning that names the clients',
  (mediaType) => {
    const actual = mediaType || 'no media type'
    expect(faultsOf(check, configured(mediaType))).toEqual([
      {
        ...about('arm64', 'linux/arm64'),
        severity: 'warning',
        message: `config: ${actual}`,
        expected: ociConfig,
        actual,
        because: expect.stringMatching(/containerd image store .*podman/),
      },
    ])
  },
)

test('podman, which reads such a configuration in a Docker manifest, is not named there', () => {
  const docker: Change = (facts) => {
    const image = imageIn(facts, 'arm64')
    image.config.mediaType = 'application/octet-stream'
    image.mediaType = dockerManifest
  }
  const [fault] = faultsOf(check, docker)
  expect(fault?.because).toContain('containerd image store')
  expect(fault?.because).not.toContain('podman')
})

test.each<Quiet>([
  ['the types of image configurations are right', configured(dockerConfig)],
  ['an artifact has a type of its own', configured('application/vnd.cncf.helm.config.v1+json')],
  ['a file of any type is no image', configured('application/octet-stream', 'text/plain')],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
