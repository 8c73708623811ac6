import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/length-unknown.ts'
import { faultsOf, otherQuirks, quirky, repository } from '../../support/facts.ts'

test('no quirk, no finding', () => {
  expect(faultsOf(check)).toEqual([])
  expect(faultsOf(check, quirky('length-unknown', 0))).toEqual([])
})

test('each repository with the quirk has a note with the number of responses', () => {
  expect(faultsOf(check, quirky('length-unknown', 3))).toEqual([
    { subject: repository, severity: 'note', message: 'in 3 responses', cause: 'registry.example.com' },
  ])
  expect(faultsOf(check, quirky('length-unknown', 1))).toMatchObject([
    { message: 'in 1 response', cause: 'registry.example.com' },
  ])
})

test('other quirks are not reported', () => {
  expect(faultsOf(check, otherQuirks('length-unknown'))).toEqual([])
})
