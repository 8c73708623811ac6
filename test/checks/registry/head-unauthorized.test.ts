import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/head-unauthorized.ts'
import { faultsOf, otherQuirks, quirky, repository } from '../../support/facts.ts'

test('a registry that answers HEAD as it answers GET is not odd', () => {
  expect(faultsOf(check)).toEqual([])
  expect(faultsOf(check, quirky('head-unauthorized', 0))).toEqual([])
})

test('blobs that only GET may read are noted and counted', () => {
  expect(faultsOf(check, quirky('head-unauthorized', 3))).toEqual([
    { subject: repository, severity: 'note', message: 'seen in 3 answers', cause: 'registry.example.com' },
  ])
  expect(faultsOf(check, quirky('head-unauthorized', 1))).toMatchObject([
    { message: 'seen in 1 answer', cause: 'registry.example.com' },
  ])
})

test('another oddity is no refused HEAD', () => {
  expect(faultsOf(check, otherQuirks('head-unauthorized'))).toEqual([])
})
