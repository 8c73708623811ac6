import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/auth-challenge-missing.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a registry that serves the image lacks no challenge', () => {
  expect(told(check)).toEqual([])
})

test('however many 401 come without a challenge, it is one finding a host', () => {
  expect(told(check, troubled('auth-challenge-missing'))).toEqual(troubleFindings('auth-challenge-missing'))
  expect(check.group).toBe('registry')
})

test('another trouble is no missing challenge', () => {
  const telling = otherTroubles('auth-challenge-missing').filter(
    (kind) => told(check, troubled(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
