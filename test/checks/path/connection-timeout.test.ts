import { expect, test } from 'vitest'
import check from '../../../src/checks/path/connection-timeout.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a host that answers is no lost host', () => {
  expect(told(check)).toEqual([])
})

test('however many connections get no answer, it is one finding a host', () => {
  expect(told(check, troubled('connection-timeout'))).toEqual(troubleFindings('connection-timeout'))
  expect(check.group).toBe('path')
})

test('another trouble is no host that stays silent', () => {
  const telling = otherTroubles('connection-timeout').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
