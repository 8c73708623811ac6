import { expect, test } from 'vitest'
import check from '../../src/checks/tag-missing.ts'
import type { Neighbours } from '../../src/model.ts'
import {
  absent,
  type Change,
  digestOf,
  manifestSees,
  type Quiet,
  refused,
  repository,
  seen,
  tagged,
  targetIn,
  told,
  unseen,
} from '../support/facts.ts'

const gone =
  (more: { neighbours?: Neighbours; waitedMs?: number; code?: string } = {}): Change =>
  (facts) => {
    const { neighbours, waitedMs = 0, code = 'MANIFEST_UNKNOWN' } = more
    const refusal = { ...refused, code }
    targetIn(facts).first = seen({
      state: 'absent',
      refusal,
      waitedMs,
      ...(neighbours ? { neighbours } : {}),
    })
  }
const finding = {
  subject: tagged,
  severity: 'error',
  message: 'the registry answered 404 MANIFEST_UNKNOWN',
  actual: 'nothing under that name',
  evidence: [],
  cause: repository,
}

test('a tag that is not there is an error', () => {
  expect(told(check, gone())).toEqual([finding])
})

test('a digest that is not there is an error, too', () => {
  const faults = told(check, (facts) => {
    gone()(facts)
    const { reference } = targetIn(facts).target
    delete reference.tag
    reference.digest = digestOf('index')
  })
  expect(faults).toEqual([{ ...finding, subject: `${repository}@${digestOf('index')}` }])
})

test('what the push reported is told with its source', () => {
  const faults = told(check, (facts) => {
    gone()(facts)
    targetIn(facts).target.expected = { digest: digestOf('index'), from: 'metadata_file' }
  })
  expect(faults).toEqual([{ ...finding, expected: `${digestOf('index')} (metadata_file)` }])
})

test.each([
  ['a refusal without a code leaves no space behind', { code: '' }, 'the registry answered 404'],
  [
    'the time that was waited is told',
    { waitedMs: 30_000 },
    'the registry answered 404 MANIFEST_UNKNOWN for 30 s',
  ],
  ['a second of waiting is told', { waitedMs: 1000 }, 'the registry answered 404 MANIFEST_UNKNOWN for 1 s'],
  [
    'less than a second of waiting is not told',
    { waitedMs: 999 },
    'the registry answered 404 MANIFEST_UNKNOWN',
  ],
])('%s', (_sentence, more, message) => {
  expect(told(check, gone(more))).toEqual([{ ...finding, message }])
})

const tags = (n: number) => Array.from({ length: n }, (_, at) => `0.${at}`)

test.each<[string, Neighbours, string]>([
  ['a repository without tags is told as one', { tags: [], more: false }, `${repository} has no tags at all`],
  [
    'the tags that are there are told',
    { tags: tags(3), more: false },
    `${repository} has 3 tags: 0.0, 0.1, 0.2`,
  ],
  [
    'eight tags are told in full',
    { tags: tags(8), more: false },
    `${repository} has 8 tags: ${tags(8).join(', ')}`,
  ],
  [
    'more than eight tags are told in part',
    { tags: tags(9), more: false },
    `${repository} has 9 tags: ${tags(8).join(', ')} …`,
  ],
  [
    'a list that goes on is told as one',
    { tags: tags(100), more: true },
    `${repository} has at least 100 tags: ${tags(8).join(', ')} …`,
  ],
])('%s', (_sentence, neighbours, line) => {
  expect(told(check, gone({ neighbours }))).toEqual([{ ...finding, evidence: [line] }])
})

test.each<Quiet>([
  ['a tag that names something is not missing', () => {}],
  [
    'a tag that was not seen is not missing',
    (facts) => {
      targetIn(facts).first = unseen('rate-limited')
    },
  ],
  [
    'a tag that went away during the run was there',
    (facts) => {
      targetIn(facts).last = seen({ state: 'absent', refusal: refused, waitedMs: 0 })
    },
  ],
  ['a child that is gone leaves its tag', manifestSees('arm64', absent())],
])('%s', (_sentence, change) => {
  expect(told(check, change)).toEqual([])
})
