import { expect, test } from 'vitest'
import check from '../../../src/checks/image/diff-id-not-checked.ts'
import type { BlobFact } from '../../../src/facts/image.ts'
import {
  about,
  absent,
  blobIn,
  type Change,
  diffIdOf,
  faultsOf,
  type Quiet,
  repository,
  withBlob,
} from '../../support/facts.ts'

const unpacks =
  (diffId: NonNullable<BlobFact['diffId']>): Change =>
  (facts) => {
    blobIn(facts, 'base layer').diffId = diffId
  }

test.each([
  ['requires too much memory', 'a frame requires a window of 134217728 bytes'],
  ['unpacks to far more than its size', 'unpacks to more than 200 times its size'],
])('a layer that %s is a note with the message of the decoder', (_sentence, problem) => {
  expect(faultsOf(check, unpacks({ ok: false, kind: 'limit', problem }))).toEqual([
    {
      ...about('base layer', 'linux/amd64', 'linux/arm64'),
      severity: 'note',
      message: `layers[0]: ${problem}`,
      cause: repository,
    },
  ])
})

test.each<Quiet>([
  ['layers that were not to be unpacked are not noted', () => {}],
  ['a layer that was unpacked was checked', unpacks({ ok: true, value: diffIdOf('base layer') })],
  ['a layer that unpacks to other content was checked', unpacks({ ok: true, value: diffIdOf('other') })],
  [
    'a layer that cannot be unpacked is broken, not skipped',
    unpacks({ ok: false, kind: 'broken', problem: 'ends early' }),
  ],
  ['a missing layer was not skipped', withBlob('base layer', absent())],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
