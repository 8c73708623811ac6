import { expect, test } from 'vitest'
import check from '../../../src/checks/path/tls-name-mismatch.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a certificate that was accepted is for the right name', () => {
  expect(told(check)).toEqual([])
})

test('however many requests meet another name, it is one finding a host', () => {
  expect(told(check, troubled('tls-name-mismatch'))).toEqual(troubleFindings('tls-name-mismatch'))
  expect(check.group).toBe('path')
})

test('another trouble is no wrong name', () => {
  const telling = otherTroubles('tls-name-mismatch').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
