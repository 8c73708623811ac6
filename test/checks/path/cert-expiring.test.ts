import { expect, test } from 'vitest'
import check from '../../../src/checks/path/cert-expiring.ts'
import type { AttemptFact } from '../../../src/facts/path/leg.ts'
import { daysLeft } from '../../../src/facts/queries/path/certificates.ts'
import { type Change, faultsOf, hostIn, type Quiet, registry } from '../../support/facts.ts'
import { endpointLeg, failedAttempt } from '../../support/legs.ts'

const day = 86_400_000

/** Sets the end of the certificate, in milliseconds after the run. */
const endsIn =
  (ms: number): Change =>
  (facts) => {
    const { tls } = hostIn(facts)
    if (tls) tls.validTo = facts.path.at + ms
  }

test('a certificate that expires within 14 days is a warning with the date', () => {
  expect(faultsOf(check, endsIn(5.5 * day))).toEqual([
    {
      subject: registry,
      severity: 'warning',
      message: `certificate of ${registry} expires in 5 days`,
      expected: '14 days or more',
      actual: '2026-03-06',
    },
  ])
})

test.each([
  ['one millisecond less than 14 days is a warning', 14 * day - 1, 13],
  ['a certificate that expires right now is a warning', 0, 0],
])('%s', (_sentence, ms, days) => {
  expect(faultsOf(check, endsIn(ms))).toMatchObject([
    { message: expect.stringContaining(` expires in ${days} days`) },
  ])
})

test.each<Quiet>([
  ['a certificate that is valid for two months has no finding', () => {}],
  ['a certificate that is valid for 14 days has no finding', endsIn(14 * day)],
  ['an expired certificate is left to tls-expired', endsIn(-1)],
  ['a certificate without a readable end date has no finding', endsIn(Number.NaN)],
  [
    'a host without TLS has no finding',
    (facts) => {
      delete hostIn(facts).tls
    },
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

test('daysLeft returns whole days, and is negative after the end', () => {
  expect([daysLeft(3 * day, day), daysLeft(3 * day, day + 1), daysLeft(0, 1)]).toEqual([2, 1, -1])
})

const expiring = (attempts: AttemptFact[] = []) =>
  faultsOf(check, (facts) => {
    const leg = endpointLeg('ghcr.io', { '192.0.2.1': attempts, '192.0.2.2': attempts })
    const validTo = facts.path.at + 5.5 * day
    const certificate = { subject: '*.ghcr.io', issuer: '', names: [], validFrom: 0, validTo, sha256: '' }
    facts.path.legs = [{ ...leg, addresses: leg.addresses.map((one) => ({ ...one, certificate })) }]
  })

test('the certificate of an endpoint counts as well, each once by host and end', () => {
  expect(expiring()).toMatchObject([
    { subject: 'ghcr.io', message: 'certificate of *.ghcr.io expires in 5 days' },
  ])
})

test('a certificate that is not accepted has a finding of its own', () => {
  expect(expiring([failedAttempt('tls-untrusted', 'tls')])).toEqual([])
  expect(expiring([failedAttempt('answer-timeout', 'headers')])).toHaveLength(1)
})
