import { expect, test } from 'vitest'
import check from '../../../src/checks/image/stale-blob-cache.ts'
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

test.each([
  ['an announced layer without data is a stale cache', cut(0)],
  ['it is one even if only the beginning was read', cut(0, true)],
])('%s', (_sentence, observed) => {
  expect(faultsOf(check, withBlob('amd64 layer', observed))).toEqual([
    {
      ...about('amd64 layer', 'linux/amd64'),
      severity: 'error',
      message: 'layers[1]: the registry says the blob exists but returned no data',
      expected: '2.0 KiB',
      actual: '0 bytes, twice',
      cause: registry,
      because: expect.stringContaining('HEAD with 200'),
      advice: expect.stringMatching(
        /skips these blobs\. On the host of a registry:2 or 3, .*scan \/var\/lib\/registry/,
      ),
    },
  ])
})

test('provenance without data is a warning', () => {
  expect(faultsOf(check, withBlob('amd64 provenance', cut(0)))).toMatchObject([
    { severity: 'warning', platforms: ['attestation'] },
  ])
})

test.each<Quiet>([
  ['blobs that were proven are not stale', () => {}],
  ['a blob that ends after one byte has data', withBlob('amd64 layer', cut(1))],
  ['a blob that answers 404 is not stale', withBlob('amd64 layer', absent())],
  ['an empty file is not stale', withBlob('amd64 layer', length(0, false))],
  [
    'downloads that end at different bytes are a fault of the network path',
    withBlob('amd64 layer', unseen('connection-cut')),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
