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
  ['a configuration with one diff id too many belongs to another image', ['a', 'b', 'c'], 3],
  ['a configuration without diff ids belongs to another image', [], 0],
])('%s', (_sentence, diffIds, listed) => {
  expect(faultsOf(check, change(diffIds.map(diffIdOf)))).toEqual([
    {
      ...about('amd64', 'linux/amd64'),
      severity: 'error',
      message: 'the layer counts differ',
      expected: '2 layers in the manifest',
      actual: `${listed} diff ids in the configuration`,
      because: expect.stringContaining("number of layers and diffIDs don't match"),
    },
  ])
})

const withoutRootfs: Change = (facts) => {
  const config: Partial<ReturnType<typeof configIn>> = configIn(facts, 'amd64 config')
  delete config.diffIds
}

test('a configuration without a root file system is an error, even for an image without layers', () => {
  const fault = {
    ...about('amd64', 'linux/amd64'),
    severity: 'error',
    title: expect.stringContaining('No root file system'),
    message: '“rootfs” is missing in the configuration',
    actual: 'no “rootfs”',
    cause: 'rootfs',
  }
  expect(faultsOf(check, withoutRootfs)).toEqual([
    {
      ...fault,
      expected: '“rootfs” with 2 diff ids',
      because: expect.stringMatching(/containerd.*invalid rootfs/),
    },
  ])
  const layerless: Change = (facts) => {
    imageIn(facts, 'amd64').layers = []
    withoutRootfs(facts)
  }
  expect(faultsOf(check, layerless)).toEqual([
    {
      ...fault,
      expected: '“rootfs” with 0 diff ids',
      because: expect.stringMatching(/^Pulls fail in Docker/),
    },
  ])
})

const history =
  (entries: number): Change =>
  (facts) => {
    configIn(facts, 'amd64 config').historyLayers = entries
  }

test('a history of more layers than there are is an error that names Docker', () => {
  expect(faultsOf(check, history(3))).toEqual([
    {
      ...about('amd64', 'linux/amd64'),
      severity: 'error',
      title: expect.stringContaining('History of other layers'),
      message: 'the history lists too many layers',
      expected: 'at most 2 entries without “empty_layer”',
      actual: '3',
      cause: 'history',
      because: expect.stringContaining('too many non-empty layers in History section'),
    },
  ])
})

test.each([0, 1, 2])('a history of %i layers is read by all clients', (entries) => {
  expect(faultsOf(check, history(entries))).toEqual([])
})

test('a manifest without layers does not match a configuration with layers', () => {
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
  ['equal numbers of diff ids and layers are correct', () => {}],
  ['different diff ids in the right number pass this check', change(['a', 'b'].map(diffIdOf))],
  [
    'the configuration of an attestation may list any number',
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
  ['an image whose manifest was not observed is not counted', withManifest('amd64', unseen('rate-limited'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
