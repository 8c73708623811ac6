import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/proxy-zero-length.ts'
import { otherQuirks, quirky, repository, told } from '../../support/facts.ts'

test('a HEAD that tells the length is not odd', () => {
  expect(told(check)).toEqual([])
  expect(told(check, quirky('length-zero', 0))).toEqual([])
})

test('a HEAD that calls a full blob empty is noted and counted', () => {
  expect(told(check, quirky('length-zero', 3))).toEqual([
    { subject: repository, severity: 'note', message: 'seen in 3 answers', cause: 'registry.example.com' },
  ])
  expect(told(check, quirky('length-zero', 1))).toMatchObject([
    { message: 'seen in 1 answer', cause: 'registry.example.com' },
  ])
})

test('another oddity is no length of zero', () => {
  expect(told(check, otherQuirks('length-zero'))).toEqual([])
})
