import { expect, test } from 'vitest'
import check from '../../../src/checks/image/end-not-proven.ts'
import {
  absent,
  all,
  blobIn,
  blobSees,
  proven,
  type Quiet,
  repository,
  told,
  unseen,
} from '../../support/facts.ts'

const opened = blobSees('base layer', proven('opened'))

test('a blob that was only opened is noted with its size', () => {
  expect(told(check, opened)).toEqual([
    { subject: repository, severity: 'note', message: '1 blob of 30.0 MiB opened, end not proven' },
  ])
})

test('blobs that were only opened are counted and summed for their repository', () => {
  const two = all(opened, blobSees('amd64 layer', proven('opened')))
  expect(told(check, two)).toMatchObject([{ message: '2 blobs of 30.0 MiB opened, end not proven' }])
})

test('a small blob is told to the byte', () => {
  const tiny = all(blobSees('amd64 layer', proven('opened')), (facts) => {
    blobIn(facts, 'amd64 layer').descriptor.size = 5
  })
  expect(told(check, tiny)).toMatchObject([{ message: '1 blob of 5 B opened, end not proven' }])
})

test.each<Quiet>([
  ['a last byte proves the end', () => {}],
  ['a blob that was read whole is proven', blobSees('base layer', proven('whole'))],
  ['a blob that was only listed never claimed more', blobSees('base layer', proven('listed', 0))],
  ['a blob that is gone was not opened', blobSees('base layer', absent())],
  ['a blob that was not seen was not opened', blobSees('base layer', unseen('rate-limited'))],
])('%s', (_sentence, change) => {
  expect(told(check, change)).toEqual([])
})
