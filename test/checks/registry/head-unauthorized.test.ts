import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/head-unauthorized.ts'
import { faultsOf, otherQuirks, quirky, repository } from '../../support/facts.ts'

test('no quirk, no finding', () => {
  expect(faultsOf(check)).toEqual([])
  expect(faultsOf(check, quirky('head-unauthorized', 0))).toEqual([])
})

test('each repository with the quirk has a note with the number of responses', () => {
  expect(faultsOf(check, quirky('head-unauthorized', 3))).toEqual([
    { subject: repository, severity: 'note', message: 'in 3 responses', cause: 'registry.example.com' },
  ])
  expect(faultsOf(check, quirky('head-unauthorized', 1))).toMatchObject([
    { message: 'in 1 response', cause: 'registry.example.com' },
  ])
})

test('other quirks are not reported', () => {
  expect(faultsOf(check, otherQuirks('head-unauthorized'))).toEqual([])
})
