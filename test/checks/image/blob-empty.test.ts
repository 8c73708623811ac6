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

test('an empty file instead of a layer is an error', () => {
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

test('an empty file that was not hashed is an error, too', () => {
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
  [
    'an empty blob with the digest of empty content is what was pushed',
    withBlob('amd64 layer', length(0, true)),
  ],
  ['an announced blob without data is not an empty file', withBlob('amd64 layer', cut(0))],
  ['a missing blob is not empty', withBlob('amd64 layer', absent())],
  ['a blob that was not observed is not empty', withBlob('amd64 layer', unseen('connection-cut'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
