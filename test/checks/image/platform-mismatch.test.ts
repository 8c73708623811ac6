import { expect, test } from 'vitest'
import check from '../../../src/checks/image/platform-mismatch.ts'
import type { Platform } from '../../../src/oci/platform.ts'
import {
  about,
  all,
  blobIn,
  type Change,
  childOf,
  configIn,
  faultsOf,
  indexIn,
  manifestIn,
  type Quiet,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const built =
  (platform: Partial<Platform>): Change =>
  (facts) => {
    Object.assign(configIn(facts, 'arm64 config').platform, platform)
  }
const listed =
  (platform: { os: string; architecture: string } | undefined): Change =>
  (facts) => {
    const { descriptor } = manifestIn(facts, 'arm64')
    if (descriptor) descriptor.platform = platform
  }

test.each<[string, Change, string]>([
  ['an image of another architecture is an error', built({ architecture: 'amd64' }), 'linux/amd64'],
  ['an image of another system is an error', built({ os: 'freebsd' }), 'freebsd/arm64'],
])('%s', (_sentence, change, actual) => {
  expect(faultsOf(check, change)).toEqual([
    {
      ...about('arm64', 'linux/arm64'),
      severity: 'error',
      message: 'index and configuration name different platforms',
      expected: 'linux/arm64 in the index',
      actual: `${actual} in the configuration`,
    },
  ])
})

const alsoListed =
  (architecture: string): Change =>
  (facts) => {
    indexIn(facts).children.push(childOf('arm64', architecture))
  }

test('an image that is listed for two platforms and built for neither is an error', () => {
  expect(faultsOf(check, all(built({ architecture: 'amd64' }), alsoListed('s390x')))).toMatchObject([
    { expected: 'linux/arm64, linux/s390x in the index', actual: 'linux/amd64 in the configuration' },
  ])
})

test.each<Quiet>([
  ['an image that is listed for another platform, too, is correct for one', alsoListed('s390x')],
  [
    'the position of the right platform in the index does not matter',
    all(built({ architecture: 's390x' }), alsoListed('s390x')),
  ],
  ['images that match the platforms in the index are correct', () => {}],
  ['a variant that only the configuration has is no contradiction', built({ variant: 'v9' })],
  [
    'another notation of an architecture is no contradiction',
    listed({ os: 'linux', architecture: 'aarch64' }),
  ],
  [
    'an index without a platform is no contradiction',
    all(built({ architecture: 'amd64' }), listed(undefined)),
  ],
  [
    'an index with an unknown platform is no contradiction',
    all(built({ architecture: 'amd64' }), listed({ os: 'unknown', architecture: 'unknown' })),
  ],
  [
    'an attestation has no platform',
    (facts) => {
      const { descriptor } = manifestIn(facts, 'amd64 attestation')
      if (descriptor) descriptor.platform = { os: 'linux', architecture: 'amd64' }
    },
  ],
  [
    'a configuration that cannot be parsed is no contradiction',
    (facts) => {
      blobIn(facts, 'arm64 config').config = { ok: false, problem: 'not valid JSON' }
    },
  ],
  [
    'a configuration that was not read is no contradiction',
    (facts) => {
      delete blobIn(facts, 'arm64 config').config
    },
  ],
  [
    'a manifest that was not observed is no contradiction',
    all(built({ architecture: 'amd64' }), withManifest('arm64', unseen('rate-limited'))),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
