import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/auth-challenge-invalid.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a registry that serves the image has no bad challenge', () => {
  expect(told(check)).toEqual([])
})

test('however many objects ask for an impossible login, it is one finding a host', () => {
  expect(told(check, troubled('auth-challenge-invalid'))).toEqual(troubleFindings('auth-challenge-invalid'))
  expect(check.group).toBe('registry')
})

test('another trouble is no bad challenge', () => {
  const telling = otherTroubles('auth-challenge-invalid').filter(
    (kind) => told(check, troubled(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
