import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-expected.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a server that answers was asked as it speaks', () => {
  expect(told(check)).toEqual([])
})

test('however many requests come in plain http, it is one finding a host', () => {
  expect(told(check, troubled('tls-expected'))).toEqual(troubleFindings('tls-expected'))
  expect(check.group).toBe('path')
})

test('another trouble is no TLS that was expected', () => {
  const telling = otherTroubles('tls-expected').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
