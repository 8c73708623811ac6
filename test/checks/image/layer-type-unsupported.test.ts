import { expect, test } from 'vitest'
import check from '../../../src/checks/image/layer-type-unsupported.ts'
import {
  about,
  all,
  type Change,
  configIn,
  faultsOf,
  imageIn,
  manifestIn,
  type Quiet,
  repository,
  unseen,
} from '../../support/facts.ts'

const typed =
  (...types: string[]): Change =>
  (facts) => {
    const { layers } = imageIn(facts, 'arm64')
    types.forEach((mediaType, at) => {
      const layer = layers[at]
      if (layer) layer.mediaType = mediaType
    })
  }
const oci = 'application/vnd.oci.image.layer.v1.tar'
const docker = 'application/vnd.docker.image.rootfs.diff.tar'

test.each<[string, string, string[]]>([
  ['application/octet-stream', 'error', ['containerd with “no processor', 'mismatched image rootfs']],
  ['', 'error', ['containerd with “no processor']],
  ['application/gzip', 'error', ['containerd with “no processor', 'unsupported media type …']],
  ['text/plain', 'error', ['unsupported media type …']],
  ['application/vnd.oci.image.layer.v1.tar+xz', 'warning', ['archive/tar: invalid tar header']],
  ['application/vnd.oci.image.layer.v1.tar+GZIP', 'warning', ['archive/tar: invalid tar header']],
  [`${docker}.zstd`, 'warning', ['containerd 1.6', 'podman']],
  [`${oci}+gzip+encrypted`, 'note', ['ctd-decoder']],
])(
  'a layer of type “%s” is a finding, %s, that names the clients and their errors',
  (mediaType, severity, texts) => {
    const [fault, ...more] = faultsOf(check, typed(mediaType))
    expect(more).toEqual([])
    expect(fault).toEqual({
      ...about('arm64', 'linux/arm64'),
      severity,
      message: `layers[0]: ${mediaType || 'no media type'}`,
      cause: `${repository} ${mediaType}`,
      because: expect.any(String),
    })
    for (const text of texts) expect(fault?.because).toContain(text)
  },
)

test('layers of one type are one finding, and each type is its own', () => {
  expect(faultsOf(check, typed('application/gzip', 'application/gzip'))).toMatchObject([
    { message: 'layers[0] and 1 more: application/gzip' },
  ])
  expect(faultsOf(check, typed('application/gzip', 'application/zip'))).toMatchObject([
    { message: 'layers[0]: application/gzip' },
    { message: 'layers[1]: application/zip' },
  ])
})

const foreign = typed('text/plain', 'text/plain')

test('an image whose layers all have foreign types is one, because its configuration is for Linux', () => {
  expect(faultsOf(check, foreign)).toMatchObject([{ message: 'layers[0] and 1 more: text/plain' }])
})

const builtFor =
  (os: string): Change =>
  (facts) => {
    configIn(facts, 'arm64 config').platform.os = os
  }

test.each<Quiet>([
  ['gzip, zstd and plain layers of OCI', typed(`${oci}+gzip`, `${oci}+zstd`)],
  ['plain layers of OCI and Docker', typed(oci, docker)],
  ['layers of Docker', typed(`${docker}.gzip`, 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip')],
  [
    'non-distributable layers',
    typed(
      'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
    ),
  ],
  ['a WebAssembly module is no image', all(foreign, builtFor('wasip1'))],
  [
    'a signature states no platform',
    all(foreign, (facts) => {
      const config: Partial<ReturnType<typeof configIn>> = configIn(facts, 'arm64 config')
      delete config.platform
    }),
  ],
  [
    'an artifact has a configuration of its own type',
    all(foreign, (facts) => {
      imageIn(facts, 'arm64').config.mediaType = 'application/vnd.cncf.helm.config.v1+json'
    }),
  ],
  [
    'an attestation has layers of other types',
    (facts) => {
      for (const layer of imageIn(facts, 'amd64 attestation').layers)
        layer.mediaType = 'application/octet-stream'
    },
  ],
  [
    'a manifest that was not read has no layers',
    (facts) => {
      manifestIn(facts, 'arm64').observed = unseen('rate-limited')
    },
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
