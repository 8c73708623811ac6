import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/redirect-loop.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a walk without redirects goes round in no circle', () => {
  expect(told(check)).toEqual([])
})

test('however many requests go round in a circle, it is one finding a host', () => {
  expect(told(check, troubled('redirect-loop'))).toEqual(troubleFindings('redirect-loop'))
  expect(check.group).toBe('registry')
})

test('another trouble is no circle', () => {
  const telling = otherTroubles('redirect-loop').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
