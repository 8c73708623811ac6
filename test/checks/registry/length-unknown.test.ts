import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/length-unknown.ts'
import { faultsOf, otherQuirks, quirky, repository } from '../../support/facts.ts'

test('answers with a length are not odd', () => {
  expect(faultsOf(check)).toEqual([])
  expect(faultsOf(check, quirky('length-unknown', 0))).toEqual([])
})

test('answers without a length are noted and counted', () => {
  expect(faultsOf(check, quirky('length-unknown', 3))).toEqual([
    { subject: repository, severity: 'note', message: 'seen in 3 answers', cause: 'registry.example.com' },
  ])
  expect(faultsOf(check, quirky('length-unknown', 1))).toMatchObject([
    { message: 'seen in 1 answer', cause: 'registry.example.com' },
  ])
})

test('another oddity is no missing length', () => {
  expect(faultsOf(check, otherQuirks('length-unknown'))).toEqual([])
})
