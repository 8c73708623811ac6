import { expect, test } from 'vitest'
import check from '../../../src/checks/image/end-not-proven.ts'
import {
  absent,
  all,
  blobIn,
  faultsOf,
  proven,
  type Quiet,
  repository,
  unseen,
  withBlob,
} from '../../support/facts.ts'

const opened = withBlob('base layer', proven('opened'))

test('a blob that was only opened is noted with its size', () => {
  expect(faultsOf(check, opened)).toEqual([
    { subject: repository, severity: 'note', message: '1 blob (30.0 MiB) opened, end not proven' },
  ])
})

test('blobs that were only opened are counted and summed for their repository', () => {
  const two = all(opened, withBlob('amd64 layer', proven('opened')))
  expect(faultsOf(check, two)).toMatchObject([{ message: '2 blobs (30.0 MiB) opened, end not proven' }])
})

test('the size of a small blob is exact', () => {
  const tiny = all(withBlob('amd64 layer', proven('opened')), (facts) => {
    blobIn(facts, 'amd64 layer').descriptor.size = 5
  })
  expect(faultsOf(check, tiny)).toMatchObject([{ message: '1 blob (5 B) opened, end not proven' }])
})

test.each<Quiet>([
  ['a last byte proves the end', () => {}],
  ['a blob that was read to its end is proven', withBlob('base layer', proven('whole'))],
  ['a blob that was only listed claims nothing more', withBlob('base layer', proven('listed', 0))],
  ['a missing blob was not opened', withBlob('base layer', absent())],
  ['a blob that was not observed was not opened', withBlob('base layer', unseen('rate-limited'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
