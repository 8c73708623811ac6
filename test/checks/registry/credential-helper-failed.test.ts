import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/credential-helper-failed.ts'
import { failureFindings, faultsOf, otherFailures, withFailures } from '../../support/facts.ts'

test('a registry that served everything needed no helper', () => {
  expect(faultsOf(check)).toEqual([])
})

test('however many objects wait for a helper, it is one finding a host', () => {
  expect(faultsOf(check, withFailures('credential-helper-failed'))).toEqual(
    failureFindings('credential-helper-failed'),
  )
  expect(check.group).toBe('registry')
})

test('another trouble is no helper that failed', () => {
  const telling = otherFailures('credential-helper-failed').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
