import { expect, test } from 'vitest'
import check from '../../../src/checks/path/requests-repeated.ts'
import { type Change, faultsOf, hostIn, registry } from '../../support/facts.ts'

const retried =
  (...retries: string[]): Change =>
  (facts) => {
    hostIn(facts).retries = retries
  }

test('a retried request is a note with the reason', () => {
  expect(faultsOf(check, retried('GET /v2/: 503'))).toEqual([
    {
      subject: registry,
      severity: 'note',
      message: '1 retry in 15 requests',
      evidence: ['GET /v2/: 503'],
    },
  ])
})

test('reasons are listed once each, at most five of them', () => {
  expect(faultsOf(check, retried('a', 'a', 'b', 'c', 'd', 'e', 'f'))).toMatchObject([
    { message: '7 retries in 15 requests', evidence: ['a', 'b', 'c', 'd', 'e'] },
  ])
})

test('only the host with retries has a note', () => {
  const faults = faultsOf(check, (facts) => {
    facts.path.hosts.push({ ...hostIn(facts), host: 'cdn.example.com', requests: 1, retries: ['reset'] })
  })
  expect(faults).toMatchObject([{ subject: 'cdn.example.com', message: '1 retry in 1 request' }])
})

test('a host that was never reached has no note', () => {
  const faults = faultsOf(check, (facts) => {
    Object.assign(hostIn(facts), { addresses: [], retries: ['connection refused'] })
  })
  expect(faults).toEqual([])
})

test('a run without retries has no note', () => {
  expect(faultsOf(check)).toEqual([])
})
