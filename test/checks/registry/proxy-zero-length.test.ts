import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/proxy-zero-length.ts'
import { faultsOf, otherQuirks, quirky, repository } from '../../support/facts.ts'

test('a HEAD that tells the length is not odd', () => {
  expect(faultsOf(check)).toEqual([])
  expect(faultsOf(check, quirky('length-zero', 0))).toEqual([])
})

test('a HEAD that calls a full blob empty is noted and counted', () => {
  expect(faultsOf(check, quirky('length-zero', 3))).toEqual([
    { subject: repository, severity: 'note', message: 'seen in 3 answers', cause: 'registry.example.com' },
  ])
  expect(faultsOf(check, quirky('length-zero', 1))).toMatchObject([
    { message: 'seen in 1 answer', cause: 'registry.example.com' },
  ])
})

test('another oddity is no length of zero', () => {
  expect(faultsOf(check, otherQuirks('length-zero'))).toEqual([])
})
