import { expect, test } from 'vitest'
import check from '../../../src/checks/image/blob-truncated.ts'
import {
  about,
  absent,
  altered,
  cut,
  faultsOf,
  length,
  type Quiet,
  registry,
  unseen,
  withBlob,
} from '../../support/facts.ts'

const finding = {
  ...about('amd64 layer', 'linux/amd64'),
  severity: 'error',
  message: 'layers[1] is too short',
  expected: '2048 bytes',
  cause: registry,
}

test.each([
  ['a storage that holds fewer bytes has truncated the layer', length(2047, false), '2047 bytes'],
  ['a shorter layer that was too large to hash is truncated', length(1024, undefined), '1024 bytes'],
  [
    'two downloads that end at the same byte prove a truncation',
    cut(100),
    '100 bytes, then the connection closed (twice at the same byte)',
  ],
  [
    'a layer whose last byte cannot be read is truncated after the bytes that were read',
    cut(100, true),
    'the first 100 bytes can be read, the last byte cannot',
  ],
] as const)('%s', (_sentence, observed, actual) => {
  expect(faultsOf(check, withBlob('amd64 layer', observed))).toEqual([{ ...finding, actual }])
})

test.each([
  ['a single byte in the storage is a truncation, not an empty blob', length(1, false)],
  ['a single byte received twice is a truncation, not a stale cache', cut(1)],
])('%s', (_sentence, observed) => {
  expect(faultsOf(check, withBlob('amd64 layer', observed))).toMatchObject([
    about('amd64 layer', 'linux/amd64'),
  ])
})

test('truncated provenance is a warning', () => {
  expect(faultsOf(check, withBlob('amd64 provenance', length(7, false)))).toMatchObject([
    { severity: 'warning', platforms: ['attestation'] },
  ])
})

test.each<Quiet>([
  ['blobs that were proven are not truncated', () => {}],
  [
    'a shorter blob with the right digest has a wrong size and is not truncated',
    withBlob('amd64 layer', length(2047, true)),
  ],
  ['an empty blob is empty, not truncated', withBlob('amd64 layer', length(0, false))],
  ['a longer blob is not truncated', withBlob('amd64 layer', length(2049, false))],
  ['a blob without data is not truncated', withBlob('amd64 layer', cut(0))],
  ['a blob with other bytes is not truncated', withBlob('amd64 layer', altered())],
  ['a missing blob is not truncated', withBlob('amd64 layer', absent())],
  [
    'downloads that end at different bytes are a fault of the network path, not a truncation',
    withBlob('amd64 layer', unseen('connection-cut')),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
