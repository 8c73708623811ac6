import { expect, test } from 'vitest'
import check from '../../../src/checks/image/config-layer-count.ts'
import {
  about,
  blobIn,
  type Change,
  configIn,
  diffIdOf,
  faultsOf,
  imageIn,
  type Quiet,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const change =
  (diffIds: string[]): Change =>
  (facts) => {
    configIn(facts, 'amd64 config').diffIds = diffIds
  }

test.each([
  ['a configuration with a diff id too many is of another image', ['a', 'b', 'c'], 3],
  ['a configuration without diff ids is of another image', [], 0],
])('%s', (_sentence, diffIds, listed) => {
  expect(faultsOf(check, change(diffIds.map(diffIdOf)))).toEqual([
    {
      ...about('amd64', 'linux/amd64'),
      severity: 'error',
      message: 'the layer counts differ',
      expected: '2 layers in the manifest',
      actual: `${listed} diff ids in the configuration`,
    },
  ])
})

test('a manifest that lost its layers no longer fits its configuration', () => {
  const faults = faultsOf(check, (facts) => {
    imageIn(facts, 'arm64').layers = []
  })
  expect(faults).toMatchObject([
    {
      platforms: ['linux/arm64'],
      expected: '0 layers in the manifest',
      actual: '2 diff ids in the configuration',
    },
  ])
})

test.each<Quiet>([
  ['as many diff ids as layers are right', () => {}],
  ['other diff ids in the right number are right for this', change(['a', 'b'].map(diffIdOf))],
  [
    'an attestation’s configuration may list what it likes',
    (facts) => {
      configIn(facts, 'amd64 attestation config').diffIds = []
    },
  ],
  [
    'a configuration that cannot be read is not counted',
    (facts) => {
      blobIn(facts, 'amd64 config').config = { ok: false, problem: 'not valid JSON' }
    },
  ],
  [
    'an image whose configuration was not read is not counted',
    (facts) => {
      delete blobIn(facts, 'amd64 config').config
    },
  ],
  ['an image whose manifest was not seen is not counted', withManifest('amd64', unseen('rate-limited'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
