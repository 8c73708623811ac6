import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/denied-or-missing.ts'
import { otherTroubles, registry, told, troubled, troubleFindings, unseen } from '../../support/facts.ts'

test('an image that was seen is neither denied nor missing', () => {
  expect(told(check)).toEqual([])
})

test('however many objects are not shown to strangers, it is one finding a host', () => {
  expect(told(check, troubled('denied-or-missing'))).toEqual(troubleFindings('denied-or-missing'))
  expect(check.group).toBe('registry')
})

test('a catalog that may not be read is told as that', () => {
  const faults = told(check, ({ image }) => {
    image.catalog = { registry, listed: unseen('denied-or-missing'), empty: [], unread: [] }
  })
  expect(faults).toEqual([])
})

test('another trouble is told as that', () => {
  const telling = otherTroubles('denied-or-missing').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
