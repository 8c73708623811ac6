import { expect, test } from 'vitest'
import check from '../../../src/checks/path/cert-expiring.ts'
import { daysLeft } from '../../../src/facts/queries/path/certificates.ts'
import { type Change, faultsOf, hostIn, type Quiet, registry } from '../../support/facts.ts'

const day = 86_400_000

/** A certificate that ends so many milliseconds after the run. */
const endsIn =
  (ms: number): Change =>
  (facts) => {
    const { tls } = hostIn(facts)
    if (tls) tls.validTo = facts.path.at + ms
  }

test('a certificate that ends within two weeks is a warning that tells the day', () => {
  expect(faultsOf(check, endsIn(5.5 * day))).toEqual([
    {
      subject: registry,
      severity: 'warning',
      message: `its certificate (${registry}) ends in 5 days`,
      expected: '14 days or more',
      actual: '2026-03-06',
    },
  ])
})

test.each([
  ['a certificate that ends a moment before two weeks is about to expire', 14 * day - 1, 13],
  ['a certificate that ends this very moment is about to expire', 0, 0],
])('%s', (_sentence, ms, days) => {
  expect(faultsOf(check, endsIn(ms))).toMatchObject([
    { message: expect.stringContaining(` ends in ${days} days`) },
  ])
})

test.each<Quiet>([
  ['a certificate that is valid for two months is not about to expire', () => {}],
  ['a certificate that is valid for two weeks is not about to expire', endsIn(14 * day)],
  ['a certificate that has expired is no longer about to', endsIn(-1)],
  ['a certificate whose end cannot be read is left alone', endsIn(Number.NaN)],
  [
    'a host without TLS has no certificate that could expire',
    (facts) => {
      delete hostIn(facts).tls
    },
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

test('days are whole days, and negative once the end is past', () => {
  expect([daysLeft(3 * day, day), daysLeft(3 * day, day + 1), daysLeft(0, 1)]).toEqual([2, 1, -1])
})
