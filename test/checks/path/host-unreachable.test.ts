import { expect, test } from 'vitest'
import check from '../../../src/checks/path/host-unreachable.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('there is a route to a host that answers', () => {
  expect(told(check)).toEqual([])
})

test('however many objects lie behind a missing route, it is one finding a host', () => {
  expect(told(check, troubled('host-unreachable'))).toEqual(troubleFindings('host-unreachable'))
  expect(check.group).toBe('path')
})

test('another trouble is no missing route', () => {
  const telling = otherTroubles('host-unreachable').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
