import { expect, test } from 'vitest'
import check from '../../../src/checks/image/catalog-empty.ts'
import type { CatalogFact } from '../../../src/facts/registry.ts'
import { type Change, faultsOf, type Quiet, refused, registry, seen, unseen } from '../../support/facts.ts'

const catalog =
  (listed: CatalogFact['listed'], ...empty: string[]): Change =>
  (facts) => {
    facts.registry.catalog = { registry, listed, empty, unread: [] }
  }

test('a catalog that lists nothing is a warning', () => {
  expect(faultsOf(check, catalog(seen({ state: 'listed', names: [] })))).toEqual([
    {
      subject: `${registry}/v2/_catalog`,
      severity: 'warning',
      message: 'the registry answered 200 with an empty list',
    },
  ])
  expect(check.group).toBe('image')
})

test.each<Quiet>([
  ['a catalog that was not requested is not empty', () => {}],
  ['a catalog with one repository is not empty', catalog(seen({ state: 'listed', names: ['team/app'] }))],
  [
    'a catalog of repositories without tags is not empty',
    catalog(seen({ state: 'listed', names: ['left/over'] }), 'left/over'),
  ],
  ['a refused catalog may list anything', catalog(seen({ state: 'refused', refusal: refused }))],
  ['a catalog that was not observed may list anything', catalog(unseen('answer-timeout'))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
