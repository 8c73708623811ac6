import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/head-unsupported.ts'
import { faultsOf, otherQuirks, quirky, repository } from '../../support/facts.ts'

test('a registry that answers HEAD is not odd', () => {
  expect(faultsOf(check)).toEqual([])
  expect(faultsOf(check, quirky('head-unsupported', 0))).toEqual([])
})

test('requests that HEAD would not answer are noted and counted', () => {
  expect(faultsOf(check, quirky('head-unsupported', 3))).toEqual([
    { subject: repository, severity: 'note', message: 'seen in 3 answers', cause: 'registry.example.com' },
  ])
  expect(faultsOf(check, quirky('head-unsupported', 1))).toMatchObject([
    { message: 'seen in 1 answer', cause: 'registry.example.com' },
  ])
})

test('another oddity is no missing HEAD', () => {
  expect(faultsOf(check, otherQuirks('head-unsupported'))).toEqual([])
})
