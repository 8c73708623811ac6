import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/rate-limited.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a registry that serves everything limits nothing', () => {
  expect(told(check)).toEqual([])
})

test('however many requests are one too many, it is one finding a host', () => {
  expect(told(check, troubled('rate-limited'))).toEqual(troubleFindings('rate-limited'))
  expect(check.group).toBe('registry')
})

test('another trouble is no rate limit', () => {
  const telling = otherTroubles('rate-limited').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
