import { expect, test } from 'vitest'
import check from '../../../src/checks/image/empty-repo.ts'
import { type Change, faultsOf, type Quiet, refused, registry, seen } from '../../support/facts.ts'

const without =
  (...empty: string[]): Change =>
  (facts) => {
    facts.registry.catalog = {
      registry,
      listed: seen({ state: 'listed', names: ['team/app', ...empty] }),
      empty,
      unread: [],
    }
  }
const finding = { subject: registry, severity: 'note' }

test('a repository without a tag is a note', () => {
  expect(faultsOf(check, without('left/over'))).toEqual([
    { ...finding, message: '1 repository without tags: left/over' },
  ])
})

test('five repositories are all named', () => {
  expect(faultsOf(check, without('a/1', 'a/2', 'a/3', 'a/4', 'a/5'))).toEqual([
    { ...finding, message: '5 repositories without tags: a/1, a/2, a/3, a/4, a/5' },
  ])
})

test('any number of repositories without tags is one finding that names five', () => {
  expect(faultsOf(check, without('a/1', 'a/2', 'a/3', 'a/4', 'a/5', 'a/6', 'a/7'))).toEqual([
    { ...finding, message: '7 repositories without tags: a/1, a/2, a/3, a/4, a/5 …' },
  ])
})

test.each<Quiet>([
  ['a catalog that was not requested has no empty repositories', () => {}],
  ['repositories that all have tags are not empty', without()],
  [
    'a refused catalog lists no repository',
    (facts) => {
      facts.registry.catalog = {
        registry,
        listed: seen({ state: 'refused', refusal: refused }),
        empty: [],
        unread: [],
      }
    },
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
