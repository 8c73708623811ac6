import { expect, test } from 'vitest'
import check from '../../../src/checks/path/name-not-resolved.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a host that answers has a name that resolves', () => {
  expect(told(check)).toEqual([])
})

test('however often a name does not resolve, it is one finding a host', () => {
  expect(told(check, troubled('name-not-resolved'))).toEqual(troubleFindings('name-not-resolved'))
  expect(check.group).toBe('path')
})

test('another trouble is no name that does not resolve', () => {
  const telling = otherTroubles('name-not-resolved').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
