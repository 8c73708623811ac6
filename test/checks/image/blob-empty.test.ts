import { expect, test } from 'vitest'
import check from '../../../src/checks/image/blob-empty.ts'
import {
  about,
  absent,
  cut,
  faultsOf,
  length,
  type Quiet,
  registry,
  unseen,
  withBlob,
} from '../../support/facts.ts'

test('an empty file in the place of a layer is an error', () => {
  expect(faultsOf(check, withBlob('amd64 layer', length(0, false)))).toEqual([
    {
      ...about('amd64 layer', 'linux/amd64'),
      severity: 'error',
      message: 'layers[1] is empty',
      expected: '2048 bytes',
      actual: '0 bytes',
      cause: registry,
    },
  ])
})

test('an empty file that nobody hashed is an error, too', () => {
  expect(faultsOf(check, withBlob('amd64 config', length(0, undefined)))).toMatchObject([
    { severity: 'error', message: 'config is empty' },
  ])
})

test('empty provenance is a warning', () => {
  expect(faultsOf(check, withBlob('arm64 provenance', length(0, false)))).toMatchObject([
    { severity: 'warning', platforms: ['attestation'] },
  ])
})

test.each<Quiet>([
  ['blobs that were proven are not empty', () => {}],
  ['a blob of one byte is not empty', withBlob('amd64 layer', length(1, false))],
  ['an empty blob under the digest of nothing is what was pushed', withBlob('amd64 layer', length(0, true))],
  ['a promised blob of which nothing comes is not an empty file', withBlob('amd64 layer', cut(0))],
  ['a blob that is gone is not empty', withBlob('amd64 layer', absent())],
  ['a blob that was not seen is not empty', withBlob('amd64 layer', unseen('connection-cut'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
