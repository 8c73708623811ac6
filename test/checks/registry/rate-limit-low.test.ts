import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/rate-limit-low.ts'
import type { HostFact } from '../../../src/facts/path.ts'
import { type Change, faultsOf, hostIn, type Quiet, registry } from '../../support/facts.ts'

const limited =
  (rateLimit: NonNullable<HostFact['rateLimit']>): Change =>
  (facts) => {
    hostIn(facts).rateLimit = rateLimit
  }

test.each([
  ['a tenth of the limit', 10],
  ['one request', 1],
  ['no request', 0],
])('%s left is a note', (_sentence, remaining) => {
  expect(faultsOf(check, limited({ limit: 100, remaining }))).toEqual([
    { subject: registry, severity: 'note', message: `${remaining} of 100 requests left` },
  ])
})

test('only the host with the low limit has a note', () => {
  const faults = faultsOf(check, (facts) => {
    const rateLimit = { limit: 200, remaining: 3 }
    facts.path.hosts.push({ ...hostIn(facts), host: 'auth.example.com', rateLimit })
  })
  expect(faults.map(({ subject }) => subject)).toEqual(['auth.example.com'])
  expect(check.group).toBe('registry')
})

test.each<Quiet>([
  ['a registry without a rate limit has no finding', () => {}],
  ['more than a tenth has no finding', limited({ limit: 100, remaining: 11 })],
  ['a rest without a limit has no finding', limited({ remaining: 1 })],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
