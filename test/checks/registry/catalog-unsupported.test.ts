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
  ['a registry that does not know the path has no catalog', refused(404), '404'],
  ['a registry that does not allow the question has no catalog', refused(405), '405'],
  [
    'a registry that refuses the question with a code has no catalog',
    refused(400, 'UNSUPPORTED'),
    '400 UNSUPPORTED',
  ],
])('%s', (_sentence, change, answer) => {
  expect(faultsOf(check, change)).toEqual([
    { subject: `${registry}/v2/_catalog`, severity: 'error', message: `it answered ${answer}` },
  ])
  expect(check.group).toBe('registry')
})

test.each<Quiet>([
  ['a catalog that nobody asked for is not missed', () => {}],
  ['a catalog that was listed is there', catalog(seen({ state: 'listed', names: ['team/app'] }))],
  ['an empty catalog is there', catalog(seen({ state: 'listed', names: [] }))],
  ['a catalog that this login may not read is there', refused(403, 'DENIED')],
  ['a catalog that was not seen may be there', catalog(unseen('registry-unavailable'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
