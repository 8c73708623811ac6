import { expect, test } from 'vitest'
import check from '../../../src/checks/image/blob-empty.ts'
import {
  about,
  absent,
  blobSees,
  cut,
  length,
  type Quiet,
  registry,
  told,
  unseen,
} from '../../support/facts.ts'

test('an empty file in the place of a layer is an error', () => {
  expect(told(check, blobSees('amd64 layer', length(0, false)))).toEqual([
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
  expect(told(check, blobSees('amd64 config', length(0, undefined)))).toMatchObject([
    { severity: 'error', message: 'config is empty' },
  ])
})

test('empty provenance is a warning', () => {
  expect(told(check, blobSees('arm64 provenance', length(0, false)))).toMatchObject([
    { severity: 'warning', platforms: ['attestation'] },
  ])
})

test.each<Quiet>([
  ['blobs that were proven are not empty', () => {}],
  ['a blob of one byte is not empty', blobSees('amd64 layer', length(1, false))],
  ['an empty blob under the digest of nothing is what was pushed', blobSees('amd64 layer', length(0, true))],
  ['a promised blob of which nothing comes is not an empty file', blobSees('amd64 layer', cut(0))],
  ['a blob that is gone is not empty', blobSees('amd64 layer', absent())],
  ['a blob that was not seen is not empty', blobSees('amd64 layer', unseen('connection-cut'))],
])('%s', (_sentence, change) => {
  expect(told(check, change)).toEqual([])
})
