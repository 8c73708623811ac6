import { expect, test } from 'vitest'
import check from '../../src/checks/access-denied.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../support/facts.ts'

test('an image that this login may pull is not denied', () => {
  expect(told(check)).toEqual([])
})

test('however many objects are denied, it is one finding a host', () => {
  expect(told(check, troubled('access-denied'))).toEqual(troubleFindings('access-denied'))
  expect(check.group).toBe('registry')
})

test('another trouble is no denial', () => {
  const telling = otherTroubles('access-denied').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
