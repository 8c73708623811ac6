import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/token-server-unreachable.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a token server that gave a token is reached', () => {
  expect(told(check)).toEqual([])
})

test('however often the token server stays away, it is one finding a host', () => {
  expect(told(check, troubled('token-server-unreachable'))).toEqual(
    troubleFindings('token-server-unreachable'),
  )
  expect(check.group).toBe('registry')
})

test('another trouble is no token server that stays away', () => {
  const telling = otherTroubles('token-server-unreachable').filter(
    (kind) => told(check, troubled(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
