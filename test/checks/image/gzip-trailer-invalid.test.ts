import { expect, test } from 'vitest'
import check from '../../../src/checks/image/gzip-trailer-invalid.ts'
import {
  about,
  type BlobName,
  blobIn,
  type Change,
  faultsOf,
  proven,
  type Quiet,
  registry,
  withBlob,
} from '../../support/facts.ts'

const ending =
  (name: BlobName, crc32: number, isize: number): Change =>
  (facts) => {
    blobIn(facts, name).gzipTrailer = { crc32, isize }
  }

test.each([
  ['zeros', 0, 0, 'the last 8 bytes are zeros'],
  ['a checksum without content', 7, 0, 'the trailer states a checksum and no content'],
  [
    'too much content',
    7,
    9_999_999,
    'the trailer states 9999999 bytes of content, more than 2048 bytes of gzip can hold',
  ],
])('a trailer of %s is found', (_, crc32, isize, problem) => {
  expect(faultsOf(check, ending('amd64 layer', crc32, isize))).toEqual([
    {
      ...about('amd64 layer', 'linux/amd64'),
      severity: 'error',
      message: `layers[1]: ${problem}`,
      cause: registry,
    },
  ])
})

test('a trailer of provenance is a warning', () => {
  expect(faultsOf(check, ending('amd64 provenance', 0, 0))).toMatchObject([{ severity: 'warning' }])
})

test.each<Quiet>([
  ['layers whose trailers can be one are quiet', withBlob('amd64 layer', proven('last-byte'))],
])('%s', (_, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
