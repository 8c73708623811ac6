import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-untrusted.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a certificate that was accepted is trusted', () => {
  expect(told(check)).toEqual([])
})

test('however many requests meet an unknown issuer, it is one finding a host', () => {
  expect(told(check, troubled('tls-untrusted'))).toEqual(troubleFindings('tls-untrusted'))
  expect(check.group).toBe('path')
})

test('another trouble is no unknown issuer', () => {
  const telling = otherTroubles('tls-untrusted').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
