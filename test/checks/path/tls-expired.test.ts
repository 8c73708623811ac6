import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-expired.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a certificate that was accepted is valid today', () => {
  expect(told(check)).toEqual([])
})

test('however many requests meet an expired certificate, it is one finding a host', () => {
  expect(told(check, troubled('tls-expired'))).toEqual(troubleFindings('tls-expired'))
  expect(check.group).toBe('path')
})

test('another trouble is no expired certificate', () => {
  const telling = otherTroubles('tls-expired').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
