import { expect, test } from 'vitest'
import check from '../../../src/checks/path/proxy-failed.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a road that was used is not closed by a proxy', () => {
  expect(told(check)).toEqual([])
})

test('however many requests the proxy stops, it is one finding a host', () => {
  expect(told(check, troubled('proxy-failed'))).toEqual(troubleFindings('proxy-failed'))
  expect(check.group).toBe('path')
})

test('another trouble is not the proxy’s', () => {
  const telling = otherTroubles('proxy-failed').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
