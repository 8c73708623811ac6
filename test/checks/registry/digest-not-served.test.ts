import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/digest-not-served.ts'
import type { ManifestFact } from '../../../src/facts/image.ts'
import {
  about,
  absent,
  all,
  type Change,
  faultsOf,
  manifestIn,
  type Quiet,
  repository,
  seen,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const head = (status: number) => seen({ status, contentType: '', digest: '' })
const byDigest =
  (value: NonNullable<ManifestFact['byDigest']>): Change =>
  (facts) => {
    manifestIn(facts, 'index').byDigest = value
  }
const missing = byDigest({ head: head(404), get: seen({ state: 'absent' }) })

test('a manifest that its tag serves and its digest does not is an error', () => {
  expect(faultsOf(check, missing)).toEqual([
    {
      ...about('index'),
      severity: 'error',
      message: 'the tag is served, its digest is answered with HTTP 404',
      cause: repository,
      because: expect.stringContaining('Docker'),
    },
  ])
})

test('so is a digest that is served with other bytes, though HEAD finds it', () => {
  const other = byDigest({ head: head(200), get: seen({ state: 'other' }) })
  expect(faultsOf(check, other)).toMatchObject([
    { message: 'the tag is served, its digest is answered with other bytes' },
  ])
})

test.each<Quiet>([
  ['a manifest that was not requested by its digest is not judged', () => {}],
  ['a digest that is served is fine', byDigest({ head: head(200) })],
  ['a digest that GET finds is fine', byDigest({ head: head(404), get: seen({ state: 'served' }) })],
  [
    'a digest without an answer is not judged',
    byDigest({ head: head(404), get: unseen('registry-unavailable') }),
  ],
  ['a target by digest that is absent has another finding', all(missing, withManifest('index', absent()))],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
