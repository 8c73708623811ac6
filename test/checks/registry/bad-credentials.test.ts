import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/bad-credentials.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a login that pulls everything is accepted', () => {
  expect(told(check)).toEqual([])
})

test('however often the login is refused, it is one finding a host', () => {
  expect(told(check, troubled('bad-credentials'))).toEqual(troubleFindings('bad-credentials'))
  expect(check.group).toBe('registry')
})

test('another trouble is no refused login', () => {
  const telling = otherTroubles('bad-credentials').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
