import { expect, test } from 'vitest'
import check from '../../../src/checks/path/connection-refused.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a host that answers listens', () => {
  expect(told(check)).toEqual([])
})

test('however many connections are refused, it is one finding a host', () => {
  expect(told(check, troubled('connection-refused'))).toEqual(troubleFindings('connection-refused'))
  expect(check.group).toBe('path')
})

test('another trouble is no refused connection', () => {
  const telling = otherTroubles('connection-refused').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
