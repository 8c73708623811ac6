import { expect, test } from 'vitest'
import check from '../../../src/checks/image/tag-moved.ts'
import type { Resolution } from '../../../src/facts/image.ts'
import {
  all,
  type Change,
  digestOf,
  faultsOf,
  type Quiet,
  refused,
  seen,
  tagged,
  targetIn,
  unseen,
} from '../../support/facts.ts'

const found = (name: string): Resolution => ({ state: 'found', digest: digestOf(name), sizeBytes: 0 })
const unhashed: Resolution = { state: 'found', digest: '', sizeBytes: 0 }
const gone: Resolution = { state: 'absent', refusal: refused, waitedMs: 0 }
const expects =
  (name: string): Change =>
  (facts) => {
    targetIn(facts).target.expected = { digest: digestOf(name), from: 'expect_digest' }
  }
const first =
  (observed: Resolution): Change =>
  (facts) => {
    targetIn(facts).first = seen(observed)
  }
const last =
  (observed: Resolution): Change =>
  (facts) => {
    targetIn(facts).last = seen(observed)
  }
const unexpected = {
  subject: tagged,
  severity: 'error',
  message: 'the tag refers to another digest than the push reported',
  expected: `${digestOf('pushed')} (expect_digest)`,
  actual: digestOf('index'),
  cause: 'expected',
  because: expect.stringContaining('another push'),
}
const moved = {
  subject: tagged,
  severity: 'error',
  message: 'the tag changed while it was being verified',
  expected: `${digestOf('index')} (when the run started)`,
  actual: digestOf('newer'),
  cause: 'during the run',
  title: expect.stringContaining('was not verified'),
  advice: expect.stringContaining('again'),
}

test('a tag with another digest than the push reported was overwritten', () => {
  expect(faultsOf(check, expects('pushed'))).toEqual([unexpected])
})

test('a tag with another digest at the end was overwritten during the run', () => {
  expect(faultsOf(check, last(found('newer')))).toEqual([moved])
})

test('a tag that is missing at the end was changed, too', () => {
  expect(faultsOf(check, last(gone))).toEqual([{ ...moved, actual: 'the tag is gone' }])
})

test('a tag can be overwritten before the run and again during it', () => {
  expect(faultsOf(check, all(expects('pushed'), last(found('newer'))))).toEqual([unexpected, moved])
})

test.each<Quiet>([
  ['a tag with the same digest throughout has not moved', () => {}],
  ['a tag with the digest that the push reported has not moved', expects('index')],
  ['a missing tag is reported by another check', all(expects('pushed'), first(gone), last(gone))],
  ['a tag that appears during the run has not moved', first(gone)],
  [
    'a manifest too large to be hashed is not compared with what the push reported',
    all(expects('pushed'), first(unhashed), last(unhashed)),
  ],
  [
    'a manifest too large to be hashed is not compared at the end, either',
    all(first(unhashed), last(found('newer'))),
  ],
  [
    'a tag that was not observed has not moved',
    all(expects('pushed'), (facts) => {
      targetIn(facts).first = unseen('rate-limited')
    }),
  ],
  [
    'a tag that was not observed again has not moved',
    (facts) => {
      targetIn(facts).last = unseen('connection-cut')
    },
  ],
  [
    'a digest is not requested again',
    (facts) => {
      delete targetIn(facts).last
    },
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
