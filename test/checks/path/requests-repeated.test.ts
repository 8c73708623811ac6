import { expect, test } from 'vitest'
import check from '../../../src/checks/path/requests-repeated.ts'
import { type Change, faultsOf, hostIn, registry } from '../../support/facts.ts'

const repeated =
  (...retries: string[]): Change =>
  (facts) => {
    hostIn(facts).retries = retries
  }

test('a request that had to be repeated is noted', () => {
  expect(faultsOf(check, repeated('GET /v2/: 503'))).toEqual([
    {
      subject: registry,
      severity: 'note',
      message: '1 repetition in 15 requests',
      evidence: ['GET /v2/: 503'],
    },
  ])
})

test('reasons are told once, and no more than five of them', () => {
  expect(faultsOf(check, repeated('a', 'a', 'b', 'c', 'd', 'e', 'f'))).toMatchObject([
    { message: '7 repetitions in 15 requests', evidence: ['a', 'b', 'c', 'd', 'e'] },
  ])
})

test('only the host that was flaky is noted', () => {
  const faults = faultsOf(check, (facts) => {
    facts.path.hosts.push({ ...hostIn(facts), host: 'cdn.example.com', requests: 1, retries: ['reset'] })
  })
  expect(faults).toMatchObject([{ subject: 'cdn.example.com', message: '1 repetition in 1 request' }])
})

test('a host that never answered is not flaky', () => {
  const faults = faultsOf(check, (facts) => {
    Object.assign(hostIn(facts), { addresses: [], retries: ['connection refused'] })
  })
  expect(faults).toEqual([])
})

test('a road on which nothing was repeated is steady', () => {
  expect(faultsOf(check)).toEqual([])
})
