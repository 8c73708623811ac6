import { expect, test } from 'vitest'
import type { FailureKind } from '../../../../src/core/failure.ts'
import type { RequestFact } from '../../../../src/facts/path.ts'
import { stalledIn, usedIn } from '../../../../src/facts/queries/path/stalls.ts'
import { healthyFacts, registry } from '../../../support/facts.ts'
import { answeredAttempt, endpointLeg, failedAttempt } from '../../../support/legs.ts'

const requestOf = (kind: FailureKind | undefined, more: Partial<RequestFact> = {}): RequestFact => ({
  ...{ method: 'GET', url: `https://${registry}/v2/team/app/manifests/1.2`, role: 'registry', at: 0 },
  ...{ http2: false, phases: {}, attempt: 0 },
  ...(kind ? { failure: { kind, host: registry, phase: 'tls', detail: '', evidence: [] } } : {}),
  ...more,
})

const placesOf = (...log: RequestFact[]) =>
  stalledIn(log, []).map(({ url, address, reason }) => [url.host, address, reason])

test('handshakes and responses that timed out, at the address that was tried or that responded', () => {
  const tls = requestOf('tls-timeout')
  if (tls.failure) tls.failure.addresses = ['192.0.2.10']
  expect(placesOf(tls, requestOf('answer-timeout', { address: '192.0.2.11' }))).toEqual([
    [registry, '192.0.2.10', 'failure'],
    [registry, '192.0.2.11', 'failure'],
  ])
})

test.each<[string, RequestFact]>([
  ['a request that succeeded', requestOf(undefined, { address: '192.0.2.10' })],
  ['a connection that was not made', requestOf('connection-timeout', { address: '192.0.2.10' })],
  ['a request through a proxy', requestOf('answer-timeout', { address: '192.0.2.10', proxy: 'proxy:3128' })],
  ['a failure without an address', requestOf('tls-timeout')],
])('%s is no stall', (_, request) => {
  expect(placesOf(request)).toEqual([])
})

test('addresses of probed legs that stalled, once each', () => {
  const leg = endpointLeg('quay.io', {
    '192.0.2.1': [
      answeredAttempt(),
      failedAttempt('tls-timeout', 'tls'),
      failedAttempt('tls-timeout', 'tls'),
    ],
    '192.0.2.2': [answeredAttempt()],
  })
  expect(stalledIn([], [leg]).map(({ address }) => address)).toEqual(['192.0.2.1'])
})

test('every address that was used, but none behind a proxy', () => {
  const { path } = healthyFacts()
  const [host] = path.hosts
  if (!host) throw new Error('no host')
  const hidden = { ...host, host: 'quay.io', addresses: ['192.0.2.3'], proxy: 'proxy:3128' }
  const plain = {
    ...host,
    host: 'plain.example.com:5000',
    addresses: ['192.0.2.4'],
    protocol: 'http' as const,
  }
  expect(usedIn({ hosts: [host, hidden, plain] }).map(({ url, address }) => [url.href, address])).toEqual([
    [`https://${registry}/v2/`, '192.0.2.10'],
    ['http://plain.example.com:5000/v2/', '192.0.2.4'],
  ])
})
