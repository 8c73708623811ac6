import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/content-encoded.ts'
import { faultsOf, otherQuirks, quirky, repository } from '../../support/facts.ts'

test('answers that come as they are stored are not encoded', () => {
  expect(faultsOf(check)).toEqual([])
  expect(faultsOf(check, quirky('content-encoded', 0))).toEqual([])
})

test('answers that come compressed are noted and counted', () => {
  expect(faultsOf(check, quirky('content-encoded', 3))).toEqual([
    { subject: repository, severity: 'note', message: 'seen in 3 answers', cause: 'registry.example.com' },
  ])
  expect(faultsOf(check, quirky('content-encoded', 1))).toMatchObject([
    { message: 'seen in 1 answer', cause: 'registry.example.com' },
  ])
})

test('another oddity is no compression', () => {
  expect(faultsOf(check, otherQuirks('content-encoded'))).toEqual([])
})
