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
  ['nothing', 0],
])('%s that is left is noted', (_sentence, remaining) => {
  expect(faultsOf(check, limited({ limit: 100, remaining }))).toEqual([
    { subject: registry, severity: 'note', message: `${remaining} of 100 requests are left` },
  ])
})

test('it is the registry’s, and only the host that said so is named', () => {
  const faults = faultsOf(check, (facts) => {
    const rateLimit = { limit: 200, remaining: 3 }
    facts.path.hosts.push({ ...hostIn(facts), host: 'auth.example.com', rateLimit })
  })
  expect(faults.map(({ subject }) => subject)).toEqual(['auth.example.com'])
  expect(check.group).toBe('registry')
})

test.each<Quiet>([
  ['a registry that tells no limit has enough left', () => {}],
  ['more than a tenth is enough', limited({ limit: 100, remaining: 11 })],
  ['a rest without its limit says nothing', limited({ remaining: 1 })],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
