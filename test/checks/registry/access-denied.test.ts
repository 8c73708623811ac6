import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/access-denied.ts'
import { otherTroubles, registry, told, troubled, troubleFindings, unseen } from '../../support/facts.ts'

test('an image that this login may pull is not denied', () => {
  expect(told(check)).toEqual([])
})

test('however many objects are denied, it is one finding a host', () => {
  expect(told(check, troubled('access-denied'))).toEqual(troubleFindings('access-denied'))
  expect(check.group).toBe('registry')
})

test('a catalog that may not be read is told as that, not as an image that may not be pulled', () => {
  const faults = told(check, ({ image }) => {
    image.catalog = { registry, listed: unseen('access-denied'), empty: [], unread: [] }
  })
  expect(faults).toEqual([])
})

test('another trouble is no denial', () => {
  const telling = otherTroubles('access-denied').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
