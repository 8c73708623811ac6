import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/head-refused.ts'
import type { ManifestFact, ManifestHead } from '../../../src/facts/image.ts'
import {
  about,
  all,
  type Change,
  faultsOf,
  manifestIn,
  type Quiet,
  refused,
  registry,
  seen,
  tagged,
  targetIn,
  unseen,
} from '../../support/facts.ts'

const answer = (status: number): ManifestHead => ({ status, contentType: '', digest: '' })
const tagHead =
  (head: NonNullable<ManifestFact['byDigest']>['head']): Change =>
  (facts) => {
    targetIn(facts).head = head
  }
const byDigest =
  (value: ManifestFact['byDigest']): Change =>
  (facts) => {
    if (value) manifestIn(facts, 'index').byDigest = value
  }
const refusal = (got: string) => ({
  severity: 'error',
  message: `HEAD: ${got}, GET: HTTP 200`,
  expected: 'the same answer to HEAD and GET',
  actual: got,
  cause: registry,
  because: expect.stringMatching(/^Pulls fail in containerd/),
})

test.each([404, 403, 501])('a tag that is found by GET, but gets %i for HEAD, is an error', (status) => {
  expect(faultsOf(check, tagHead(seen(answer(status))))).toEqual([
    { subject: tagged, ...refusal(`HTTP ${status}`) },
  ])
})

const failed = (status?: number): Change => {
  const head = unseen('registry-error', registry, 'it failed')
  if (!head.seen && status !== undefined) head.why.status = status
  return tagHead(head)
}

test.each([500, 401])('a HEAD that failed with %i, where GET was answered, is refused', (status) => {
  expect(faultsOf(check, failed(status))).toMatchObject([{ actual: `HTTP ${status}` }])
})

test.each([429, 502, 503, 504, undefined])(
  'a HEAD that failed with %s was limited or met an outage',
  (status) => {
    expect(faultsOf(check, failed(status))).toEqual([])
  },
)

test('a digest that is served to GET only is a warning, and an error where it is what people pull', () => {
  const change = byDigest({ head: seen(answer(404)), get: seen({ state: 'served' }) })
  const because = expect.stringMatching(/^Pulls by digest fail in containerd/)
  const finding = { ...about('index'), ...refusal('HTTP 404'), because }
  expect(faultsOf(check, change)).toEqual([{ ...finding, severity: 'warning' }])
  const pinned: Change = (facts) => {
    for (const use of manifestIn(facts, 'index').uses)
      use.field = `${tagged}@${manifestIn(facts, 'index').digest}`
  }
  expect(faultsOf(check, all(change, pinned))).toEqual([finding])
})

test.each<Quiet>([
  ['without a HEAD nothing is said of it', () => {}],
  ['a tag that HEAD finds is fine', tagHead(seen(answer(200)))],
  ['405 is repeated with GET by clients', tagHead(seen(answer(405)))],
  ['a digest that HEAD finds is fine', byDigest({ head: seen(answer(200)) })],
  [
    'a digest that neither finds is another fault',
    byDigest({ head: seen(answer(404)), get: seen({ state: 'absent' }) }),
  ],
  [
    'a digest that GET did not get an answer for is not judged',
    byDigest({ head: seen(answer(404)), get: unseen('answer-timeout') }),
  ],
  [
    'a tag that is gone is not refused',
    (facts) => {
      targetIn(facts).head = seen(answer(404))
      targetIn(facts).last = seen({ state: 'absent', refusal: refused, waitedMs: 0 })
    },
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
