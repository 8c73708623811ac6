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

/** A host whose clock is so many milliseconds ahead of ours. */
const ahead =
  (skewMs: number): Change =>
  (facts) => {
    hostIn(facts).skewMs = skewMs
  }

test.each([
  ['ahead', 61_000, 'its clock is 61 s ahead of ours'],
  ['behind', -3_600_000, 'its clock is 3600 s behind ours'],
])('a clock that is %s and did no harm is a warning', (_sentence, skewMs, message) => {
  expect(faultsOf(check, ahead(skewMs))).toEqual([{ subject: registry, severity: 'warning', message }])
  expect(check.group).toBe('path')
})

test('a token that was refused for it is an error, once a host, however many objects were not seen', () => {
  const change = all(
    withBlob('amd64 layer', unseen('clock-skew', registry, 'its clock is 90 s behind ours')),
    withBlob('arm64 layer', unseen('clock-skew', registry, 'its clock is 90 s behind ours')),
  )
  expect(faultsOf(check, change)).toEqual([
    {
      subject: registry,
      severity: 'error',
      message: 'its clock is 90 s behind ours',
      evidence: [`${registry} said so`],
    },
  ])
})

test('a host that refused a token is not warned of, too', () => {
  const faults = faultsOf(check, all(withBlob('amd64 layer', unseen('clock-skew')), ahead(90_000)))
  expect(faults).toMatchObject([{ subject: registry, severity: 'error' }])
})

test('only the host whose clock is off is warned of', () => {
  const faults = faultsOf(check, (facts) => {
    facts.path.hosts.push({ ...hostIn(facts), host: 'auth.example.com', skewMs: 120_000 })
  })
  expect(faults.map(({ subject, severity }) => [subject, severity])).toEqual([
    ['auth.example.com', 'warning'],
  ])
})

test.each<Quiet>([
  ['a host that told no time is taken to be right', () => {}],
  ['clocks may differ by a minute', ahead(60_000)],
  ['in either direction', ahead(-60_000)],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

test('another trouble is not the clocks’', () => {
  const telling = otherFailures('clock-skew').filter((kind) => faultsOf(check, withFailures(kind)).length > 0)
  expect(telling).toEqual([])
})
