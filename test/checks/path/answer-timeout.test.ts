import { expect, test } from 'vitest'
import check from '../../../src/checks/path/answer-timeout.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('hosts that answer are in time', () => {
  expect(told(check)).toEqual([])
})

test('however many answers stay out, it is one finding a host', () => {
  expect(told(check, troubled('answer-timeout'))).toEqual(troubleFindings('answer-timeout'))
  expect(check.group).toBe('path')
})

test('another trouble is no answer that stays out', () => {
  const telling = otherTroubles('answer-timeout').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
