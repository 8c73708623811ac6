import { expect, test } from 'vitest'
import check from '../../src/checks/proxy-zero-length.ts'
import { otherQuirks, quirky, repository, told } from '../support/facts.ts'

const says = 'HEAD says that blobs are empty, and GET serves them'

test('a HEAD that tells the length is not odd', () => {
  expect(told(check)).toEqual([])
  expect(told(check, quirky('length-zero', 0))).toEqual([])
})

test('a HEAD that calls a full blob empty is noted and counted', () => {
  expect(told(check, quirky('length-zero', 3))).toEqual([
    { subject: repository, severity: 'note', message: `${says} (3 answers)` },
  ])
  expect(told(check, quirky('length-zero', 1))).toMatchObject([{ message: `${says} (1 answer)` }])
})

test('another oddity is no length of zero', () => {
  expect(told(check, otherQuirks('length-zero'))).toEqual([])
})
