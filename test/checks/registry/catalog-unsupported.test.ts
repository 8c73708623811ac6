import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/catalog-unsupported.ts'
import type { CatalogFact } from '../../../src/facts/registry.ts'
import { type Change, faultsOf, type Quiet, registry, seen, unseen } from '../../support/facts.ts'

const catalog =
  (listed: CatalogFact['listed']): Change =>
  (facts) => {
    facts.registry.catalog = { registry, listed, empty: [], unread: [] }
  }
const refused = (status: number, code = ''): Change =>
  catalog(seen({ state: 'refused', refusal: { status, code, message: 'no such thing' } }))

test.each([
  ['a 404 for the catalog is an error', refused(404), '404'],
  ['a 405 for the catalog is an error', refused(405), '405'],
  [
    'a 400 for the catalog is an error with the code of the registry',
    refused(400, 'UNSUPPORTED'),
    '400 UNSUPPORTED',
  ],
])('%s', (_sentence, change, status) => {
  expect(faultsOf(check, change)).toEqual([
    { subject: `${registry}/v2/_catalog`, severity: 'error', message: `HTTP ${status}` },
  ])
  expect(check.group).toBe('registry')
})

test.each<Quiet>([
  ['a run without a catalog has no finding', () => {}],
  ['a catalog that was listed has no finding', catalog(seen({ state: 'listed', names: ['team/app'] }))],
  ['an empty catalog has no finding', catalog(seen({ state: 'listed', names: [] }))],
  ['a 403 is left to catalog-inaccessible', refused(403, 'DENIED')],
  ['a catalog that was not read has no finding', catalog(unseen('registry-unavailable'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
