import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-plain-http.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a host that was spoken to over TLS is no plain one', () => {
  expect(told(check)).toEqual([])
})

test('however many requests meet plain HTTP, it is one finding a host', () => {
  expect(told(check, troubled('tls-plain-http'))).toEqual(troubleFindings('tls-plain-http'))
  expect(check.group).toBe('path')
})

test('another trouble is no plain HTTP', () => {
  const telling = otherTroubles('tls-plain-http').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
