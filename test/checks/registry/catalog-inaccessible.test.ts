import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/catalog-inaccessible.ts'
import type { CatalogFact } from '../../../src/facts/registry.ts'
import {
  type Change,
  faultsOf,
  otherFailures,
  type Quiet,
  registry,
  seen,
  unseen,
} from '../../support/facts.ts'

const catalog =
  (listed: CatalogFact['listed']): Change =>
  (facts) => {
    facts.registry.catalog = { registry, listed, empty: [], unread: [] }
  }
const refused = (status: number, code: string, message: string): Change =>
  catalog(seen({ state: 'refused', refusal: { status, code, message } }))
const finding = { subject: `${registry}/v2/_catalog`, severity: 'error' }

test('a 403 for the catalog is an error with the code and message of the registry', () => {
  expect(faultsOf(check, refused(403, 'DENIED', 'administrators only'))).toEqual([
    { ...finding, message: 'HTTP 403 DENIED', evidence: ['administrators only'] },
  ])
  expect(check.group).toBe('registry')
})

test('a 403 without code and message has no evidence', () => {
  expect(faultsOf(check, refused(403, '', ''))).toEqual([{ ...finding, message: 'HTTP 403', evidence: [] }])
})

const refusals = ['access-denied', 'denied-or-missing', 'insufficient-scope'] as const

test.each(refusals)('a catalog that was not read because of %s is an error', (kind) => {
  expect(faultsOf(check, catalog(unseen(kind)))).toEqual([
    { ...finding, message: `the case of ${kind}`, evidence: [`${registry} said so`] },
  ])
})

test.each<Quiet>([
  ['a run without a catalog has no finding', () => {}],
  ['a catalog that was listed has no finding', catalog(seen({ state: 'listed', names: ['team/app'] }))],
  ['an empty catalog has no finding', catalog(seen({ state: 'listed', names: [] }))],
  [
    'a registry without a catalog is left to catalog-unsupported',
    refused(404, 'UNSUPPORTED', 'no such thing'),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

test('other failures are not reported', () => {
  const reported = otherFailures('run-stopped').filter(
    (kind) => faultsOf(check, catalog(unseen(kind))).length > 0,
  )
  expect(reported.sort()).toEqual([...refusals])
  expect(faultsOf(check, catalog(unseen('run-stopped')))).toEqual([])
})
