import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/tls-client-certificate.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a registry that was spoken to wants no other client certificate', () => {
  expect(told(check)).toEqual([])
})

test('however many connections want one, it is one finding a host', () => {
  expect(told(check, troubled('tls-client-certificate'))).toEqual(troubleFindings('tls-client-certificate'))
  expect(check.group).toBe('registry')
})

test('another trouble is no client certificate', () => {
  const telling = otherTroubles('tls-client-certificate').filter(
    (kind) => told(check, troubled(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
