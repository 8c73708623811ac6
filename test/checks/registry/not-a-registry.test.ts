import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/not-a-registry.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('what serves an image is a registry', () => {
  expect(told(check)).toEqual([])
})

test('however many web pages come instead of an image, it is one finding a host', () => {
  expect(told(check, troubled('not-a-registry'))).toEqual(troubleFindings('not-a-registry'))
  expect(check.group).toBe('registry')
})

test('another trouble is no web page', () => {
  const telling = otherTroubles('not-a-registry').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
