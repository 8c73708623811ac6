import { expect, test } from 'vitest'
import check from '../../../src/checks/image/graph-limit.ts'
import type { ManifestFact } from '../../../src/facts/image.ts'
import {
  about,
  absent,
  all,
  type Change,
  faultsOf,
  manifestIn,
  type Quiet,
  unseen,
  withManifest,
} from '../../support/facts.ts'

type Limit = NonNullable<ManifestFact['limit']>
const limited =
  (limit: Limit): Change =>
  (facts) => {
    manifestIn(facts, 'index').limit = limit
  }

test.each<[string, Limit, string]>([
  [
    'an index that contains itself ends the walk',
    { what: 'cycle', max: 0, found: 2 },
    'the index contains itself',
  ],
  [
    'indexes that are nested too deep end the walk',
    { what: 'depth', max: 8, found: 9 },
    'indexes are nested more than 8 levels deep',
  ],
  [
    'an index with too many children is inspected in part',
    { what: 'width', max: 1024, found: 2000 },
    'the index lists 2000 children; only 1024 were inspected',
  ],
  [
    'a graph with too many objects is inspected in part',
    { what: 'total', max: 4096, found: 5000 },
    'the targets lead to more than 4096 objects',
  ],
])('%s', (_sentence, limit, message) => {
  const finding = { ...about('index'), severity: 'error', message, evidence: ['path: sha256:1bc04b52…'] }
  expect(faultsOf(check, limited(limit))).toEqual([finding])
})

test.each<Quiet>([
  ['a graph that was walked completely reached no limit', () => {}],
  ['a missing child is not a limit', withManifest('arm64', absent())],
  ['a stopped run reached no limit', all(withManifest('arm64', unseen('run-stopped')))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

test('the path from the target to the limit is reported', () => {
  const deep: Change = (facts) => {
    manifestIn(facts, 'arm64').limit = { what: 'depth', max: 8, found: 9 }
  }
  expect(faultsOf(check, deep)[0]?.evidence).toEqual(['path: sha256:1bc04b52… → sha256:f6916295…'])
})
