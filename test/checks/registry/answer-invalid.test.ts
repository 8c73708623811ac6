import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/answer-invalid.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('answers that can be understood are valid', () => {
  expect(told(check)).toEqual([])
})

test('however many answers make no sense, it is one finding a host', () => {
  expect(told(check, troubled('answer-invalid'))).toEqual(troubleFindings('answer-invalid'))
  expect(check.group).toBe('registry')
})

test('another trouble is no invalid answer', () => {
  const telling = otherTroubles('answer-invalid').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
