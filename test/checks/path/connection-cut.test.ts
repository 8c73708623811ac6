import { expect, test } from 'vitest'
import check from '../../../src/checks/path/connection-cut.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('downloads that end are not broken off', () => {
  expect(told(check)).toEqual([])
})

test('however many connections break off, it is one finding a host', () => {
  expect(told(check, troubled('connection-cut'))).toEqual(troubleFindings('connection-cut'))
  expect(check.group).toBe('path')
})

test('another trouble is no broken connection', () => {
  const telling = otherTroubles('connection-cut').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
