import { expect, test } from 'vitest'
import check from '../../../src/checks/path/dns-config-invalid.ts'
import { faultsOf } from '../../support/facts.ts'
import { withNames } from '../../support/name-facts.ts'

test('every problem of a file is an error', () => {
  const problems = [{ file: '/etc/netplan/50.yaml', message: 'does not exist' }]
  expect(faultsOf(check, withNames([], { files: { files: [], problems } }))).toEqual([
    { subject: '/etc/netplan/50.yaml', severity: 'error', message: 'it does not exist' },
  ])
})

test('files without problems, and a run without them, have no finding', () => {
  expect(faultsOf(check, withNames([], { files: { files: [], problems: [] } }))).toEqual([])
  expect(faultsOf(check, withNames([]))).toEqual([])
  expect(faultsOf(check)).toEqual([])
})
