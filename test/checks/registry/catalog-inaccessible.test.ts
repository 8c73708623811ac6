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

test('a catalog that answers 403 is inaccessible, in the words of the registry', () => {
  expect(faultsOf(check, refused(403, 'DENIED', 'administrators only'))).toEqual([
    { ...finding, message: 'it answered 403 DENIED', evidence: ['administrators only'] },
  ])
  expect(check.group).toBe('registry')
})

test('a 403 that says nothing leaves no space and no evidence behind', () => {
  expect(faultsOf(check, refused(403, '', ''))).toEqual([
    { ...finding, message: 'it answered 403', evidence: [] },
  ])
})

const refusals = ['access-denied', 'denied-or-missing', 'insufficient-scope'] as const

test.each(refusals)('a catalog that was not seen for %s is inaccessible', (kind) => {
  expect(faultsOf(check, catalog(unseen(kind)))).toEqual([
    { ...finding, message: `the case of ${kind}`, evidence: [`${registry} said so`] },
  ])
})

test.each<Quiet>([
  ['a catalog that nobody asked for is not inaccessible', () => {}],
  ['a catalog that was listed is accessible', catalog(seen({ state: 'listed', names: ['team/app'] }))],
  ['an empty catalog is accessible', catalog(seen({ state: 'listed', names: [] }))],
  ['a registry without a catalog refuses nobody', refused(404, 'UNSUPPORTED', 'no such thing')],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

test('another trouble is told as that', () => {
  const telling = otherFailures('run-stopped').filter(
    (kind) => faultsOf(check, catalog(unseen(kind))).length > 0,
  )
  expect(telling.sort()).toEqual([...refusals])
  expect(faultsOf(check, catalog(unseen('run-stopped')))).toEqual([])
})
