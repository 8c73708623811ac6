import { expect, test } from 'vitest'
import check from '../../../src/checks/path/clock-skew.ts'
import {
  all,
  type Change,
  faultsOf,
  hostIn,
  otherFailures,
  type Quiet,
  registry,
  unseen,
  withBlob,
  withFailures,
} from '../../support/facts.ts'

/** Sets how far the clock of the host is ahead, in milliseconds. */
const ahead =
  (skewMs: number): Change =>
  (facts) => {
    hostIn(facts).skewMs = skewMs
  }

test.each([
  ['ahead', 61_000, "clock is 61 s ahead of this machine's"],
  ['behind', -3_600_000, "clock is 3600 s behind this machine's"],
])('a clock that is %s is a warning if no token was rejected', (_sentence, skewMs, message) => {
  expect(faultsOf(check, ahead(skewMs))).toEqual([{ subject: registry, severity: 'warning', message }])
  expect(check.group).toBe('path')
})

test('a rejected token is one error per host, however many objects could not be verified', () => {
  const change = all(
    withBlob('amd64 layer', unseen('clock-skew', registry, 'the clock is 90 s behind')),
    withBlob('arm64 layer', unseen('clock-skew', registry, 'the clock is 90 s behind')),
  )
  expect(faultsOf(check, change)).toEqual([
    {
      subject: registry,
      severity: 'error',
      message: 'the clock is 90 s behind',
      evidence: [`${registry} said so`],
    },
  ])
})

test('a host that rejected a token has no warning as well', () => {
  const faults = faultsOf(check, all(withBlob('amd64 layer', unseen('clock-skew')), ahead(90_000)))
  expect(faults).toMatchObject([{ subject: registry, severity: 'error' }])
})

test('only the host with the wrong clock has a warning', () => {
  const faults = faultsOf(check, (facts) => {
    facts.path.hosts.push({ ...hostIn(facts), host: 'auth.example.com', skewMs: 120_000 })
  })
  expect(faults.map(({ subject, severity }) => [subject, severity])).toEqual([
    ['auth.example.com', 'warning'],
  ])
})

test.each<Quiet>([
  ['a host without a Date header has no finding', () => {}],
  ['a clock that is 60 s ahead has no finding', ahead(60_000)],
  ['a clock that is 60 s behind has no finding', ahead(-60_000)],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

test('other failures are not reported', () => {
  const reported = otherFailures('clock-skew').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(reported).toEqual([])
})
