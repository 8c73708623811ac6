import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/insufficient-scope.ts'
import { otherTroubles, registry, told, troubled, troubleFindings, unseen } from '../../support/facts.ts'

test('a login that pulls everything has the scope for it', () => {
  expect(told(check)).toEqual([])
})

test('however many objects the token does not cover, it is one finding a host', () => {
  expect(told(check, troubled('insufficient-scope'))).toEqual(troubleFindings('insufficient-scope'))
  expect(check.group).toBe('registry')
})

test('a catalog that may not be read is told as that', () => {
  const faults = told(check, ({ image }) => {
    image.catalog = { registry, listed: unseen('insufficient-scope'), empty: [], unread: [] }
  })
  expect(faults).toEqual([])
})

test('another trouble is no scope that is too small', () => {
  const telling = otherTroubles('insufficient-scope').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
