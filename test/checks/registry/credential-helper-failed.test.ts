import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/credential-helper-failed.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a registry that served everything needed no helper', () => {
  expect(told(check)).toEqual([])
})

test('however many objects wait for a helper, it is one finding a host', () => {
  expect(told(check, troubled('credential-helper-failed'))).toEqual(
    troubleFindings('credential-helper-failed'),
  )
  expect(check.group).toBe('registry')
})

test('another trouble is no helper that failed', () => {
  const telling = otherTroubles('credential-helper-failed').filter(
    (kind) => told(check, troubled(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
