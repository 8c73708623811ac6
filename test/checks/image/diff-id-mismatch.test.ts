import { expect, test } from 'vitest'
import check from '../../../src/checks/image/diff-id-mismatch.ts'
import {
  about,
  all,
  altered,
  type BlobName,
  blobIn,
  type Change,
  configIn,
  cut,
  diffIdOf,
  digestOf,
  faultsOf,
  type Quiet,
  repository,
  unseen,
  withBlob,
  withManifest,
} from '../../support/facts.ts'

const unpacks =
  (name: BlobName, value = diffIdOf(name)): Change =>
  (facts) => {
    blobIn(facts, name).diffId = { ok: true, value }
  }
const wrong = diffIdOf('another build')
const expects =
  (diffId: string): Change =>
  (facts) => {
    configIn(facts, 'amd64 config').diffIds[1] = diffId
  }

test('a layer that unpacks to other content comes from another build', () => {
  expect(faultsOf(check, unpacks('amd64 layer', wrong))).toEqual([
    {
      ...about('amd64 layer', 'linux/amd64'),
      severity: 'error',
      message: `layers[1] of ${digestOf('amd64')}`,
      expected: diffIdOf('amd64 layer'),
      actual: wrong,
      cause: `${repository}@${digestOf('amd64')}`,
    },
  ])
})

test('a layer that cannot be unpacked is reported with the problem', () => {
  const faults = faultsOf(check, (facts) => {
    blobIn(facts, 'amd64 layer').diffId = {
      ok: false,
      kind: 'broken',
      problem: 'does not decompress: unexpected end',
    }
  })
  expect(faults).toMatchObject([
    {
      expected: diffIdOf('amd64 layer'),
      actual: 'does not decompress: unexpected end',
      title: expect.stringMatching(/^Broken compression: a layer does not decompress/),
    },
  ])
})

test('a layer of a compression that is not unpacked here is left to another check', () => {
  const faults = faultsOf(check, (facts) => {
    blobIn(facts, 'amd64 layer').diffId = { ok: false, kind: 'unsupported', problem: 'compressed with xz' }
  })
  expect(faults).toEqual([])
})

test('a layer of two images is reported for each', () => {
  expect(faultsOf(check, unpacks('base layer', wrong))).toMatchObject([
    { message: `layers[0] of ${digestOf('amd64')}`, cause: `${repository}@${digestOf('amd64')}` },
    { message: `layers[0] of ${digestOf('arm64')}`, cause: `${repository}@${digestOf('arm64')}` },
  ])
})

test('two layers in another order than in the configuration are both reported', () => {
  const swapped: Change = (facts) => {
    configIn(facts, 'amd64 config').diffIds.reverse()
  }
  const faults = faultsOf(check, all(unpacks('base layer'), unpacks('amd64 layer'), swapped))
  expect(faults.map(({ message }) => message)).toEqual(
    [0, 1].map((at) => `layers[${at}] of ${digestOf('amd64')}`),
  )
})

test.each<Quiet>([
  ['layers that were not unpacked are not judged', () => {}],
  ['layers that match their diff ids are correct', all(unpacks('base layer'), unpacks('amd64 layer'))],
  ['the layers of an attestation need no diff ids', unpacks('amd64 provenance', wrong)],
  [
    'a diff id of an algorithm that was not computed is not judged',
    all(unpacks('amd64 layer'), expects('sha512:ab')),
  ],
  [
    'a layer that exceeds the limits for unpacking is not judged',
    (facts) => {
      blobIn(facts, 'amd64 layer').diffId = {
        ok: false,
        kind: 'limit',
        problem: 'requires too much memory',
      }
    },
  ],
  [
    'a layer with other bytes is reported as corrupt',
    all(unpacks('amd64 layer', wrong), withBlob('amd64 layer', altered())),
  ],
  [
    'a layer that ends early is reported as truncated',
    all(unpacks('amd64 layer', wrong), withBlob('amd64 layer', cut(100))),
  ],
  [
    'a layer that was not observed is not judged',
    all(unpacks('amd64 layer', wrong), withBlob('amd64 layer', unseen('connection-cut'))),
  ],
  [
    'a layer that the configuration does not list is not judged here',
    all(unpacks('amd64 layer', wrong), (facts) => configIn(facts, 'amd64 config').diffIds.pop()),
  ],
  [
    'a layer whose configuration cannot be read is not judged',
    all(unpacks('amd64 layer', wrong), (facts) => {
      blobIn(facts, 'amd64 config').config = { ok: false, problem: 'not valid JSON' }
    }),
  ],
  [
    'a layer whose manifest was not observed is not judged',
    all(unpacks('amd64 layer', wrong), withManifest('amd64', unseen('rate-limited'))),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
