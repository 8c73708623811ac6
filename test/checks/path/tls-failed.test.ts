import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-failed.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a host that was spoken to over TLS has no failed handshake', () => {
  expect(told(check)).toEqual([])
})

test('however many handshakes fail, it is one finding a host', () => {
  expect(told(check, troubled('tls-failed'))).toEqual(troubleFindings('tls-failed'))
  expect(check.group).toBe('path')
})

test('another trouble is no failed handshake', () => {
  const telling = otherTroubles('tls-failed').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
