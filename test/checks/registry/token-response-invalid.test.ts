import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/token-response-invalid.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a token that opens everything was a valid answer', () => {
  expect(told(check)).toEqual([])
})

test('however often the token server gives no token, it is one finding a host', () => {
  expect(told(check, troubled('token-response-invalid'))).toEqual(troubleFindings('token-response-invalid'))
  expect(check.group).toBe('registry')
})

test('another trouble is no answer without a token', () => {
  const telling = otherTroubles('token-response-invalid').filter(
    (kind) => told(check, troubled(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
