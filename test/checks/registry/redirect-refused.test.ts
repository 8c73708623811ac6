import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/redirect-refused.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a walk without redirects has none to refuse', () => {
  expect(told(check)).toEqual([])
})

test('however many redirects are refused, it is one finding a host', () => {
  expect(told(check, troubled('redirect-refused'))).toEqual(troubleFindings('redirect-refused'))
  expect(check.group).toBe('registry')
})

test('another trouble is no refused redirect', () => {
  const telling = otherTroubles('redirect-refused').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
