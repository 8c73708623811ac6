import { expect, test } from 'vitest'
import check from '../../../src/checks/path/requests-repeated.ts'
import type { FailureKind } from '../../../src/core/failure.ts'
import { type Change, faultsOf, hostIn, registry } from '../../support/facts.ts'

const cut = (detail: string): { kind: FailureKind; detail: string } => ({ kind: 'connection-cut', detail })

const retried =
  (...retries: { kind: FailureKind; detail: string }[]): Change =>
  (facts) => {
    hostIn(facts).retries = retries
  }

test('a retried request is a note with the reason', () => {
  expect(faultsOf(check, retried(cut('connection reset')))).toEqual([
    {
      subject: registry,
      severity: 'note',
      message: '1 retry in 15 requests',
      evidence: ['connection-cut: connection reset'],
    },
  ])
})

test('reasons are listed once each, at most five of them', () => {
  expect(faultsOf(check, retried(...['a', 'a', 'b', 'c', 'd', 'e', 'f'].map(cut)))).toMatchObject([
    {
      message: '7 retries in 15 requests',
      evidence: ['a', 'b', 'c', 'd', 'e'].map((one) => `connection-cut: ${one}`),
    },
  ])
})

test('errors that a server answered with are not blamed on the network path', () => {
  const error = { kind: 'registry-error', detail: 'HTTP 500' } as const
  expect(faultsOf(check, retried(error))).toMatchObject([
    {
      title: 'Requests needed retries: the server answered with errors.',
      evidence: ['registry-error: HTTP 500'],
    },
  ])
  expect(faultsOf(check, retried(error, cut('connection reset')))[0]).not.toHaveProperty('title')
})

test('only the host with retries has a note', () => {
  const faults = faultsOf(check, (facts) => {
    facts.path.hosts.push({ ...hostIn(facts), host: 'cdn.example.com', requests: 1, retries: [cut('reset')] })
  })
  expect(faults).toMatchObject([{ subject: 'cdn.example.com', message: '1 retry in 1 request' }])
})

test('a host that was never reached has no note', () => {
  const faults = faultsOf(check, (facts) => {
    Object.assign(hostIn(facts), { addresses: [], retries: [cut('connection refused')] })
  })
  expect(faults).toEqual([])
})

test('a run without retries has no note', () => {
  expect(faultsOf(check)).toEqual([])
})
