import { expect, test } from 'vitest'
import check from '../../../src/checks/path/egress-failing.ts'
import type { LegFact } from '../../../src/facts/path/leg.ts'
import { faultsOf } from '../../support/facts.ts'
import { answeredAttempt, endpointLeg, failedAttempt } from '../../support/legs.ts'

const faults = (...legs: LegFact[]) =>
  faultsOf(check, (facts) => {
    facts.path.legs = legs
  })

const stalled = failedAttempt('tls-timeout', 'tls', 'TLS handshake timed out after 10 s')
const fine = answeredAttempt()
const at = (host: string, address: string, ...attempts: (typeof fine)[]) =>
  endpointLeg(host, { [address]: attempts })

test('two unrelated hosts that fail alike are one cause: this machine', () => {
  expect(
    faults(
      at('ghcr.io', '192.0.2.1', stalled, fine),
      at('quay.io', '192.0.2.2', stalled, stalled),
      at('registry.k8s.io', '192.0.2.3', fine, fine),
    ),
  ).toMatchObject([
    {
      subject: 'ghcr.io, quay.io',
      message: '2 hosts fail alike, 3 of 4 attempts: TLS handshake timed out after 10 s',
      evidence: [expect.stringContaining('1 of 2'), expect.stringContaining('2 of 2')],
    },
  ])
})

test('two hosts of many do not accuse this machine', () => {
  const others = ['gcr.io', 'docker.io', 'example.com'].map((host, n) => at(host, `192.0.2.1${n}`, fine))
  expect(faults(at('ghcr.io', '192.0.2.1', stalled), at('quay.io', '192.0.2.2', stalled), ...others)).toEqual(
    [],
  )
})

test('hosts of one domain, or behind one address, are not unrelated', () => {
  expect(
    faults(at('auth.docker.io', '192.0.2.1', stalled), at('registry-1.docker.io', '192.0.2.2', stalled)),
  ).toEqual([])
  expect(
    faults(at('a.example.com', '192.0.2.1', stalled), at('b.example.org', '192.0.2.1', stalled)),
  ).toEqual([])
})

test('different phases are different causes, and a refusal is an answer', () => {
  const refused = failedAttempt('connection-refused', 'connect')
  const dropped = failedAttempt('connection-timeout', 'connect')
  expect(faults(at('ghcr.io', '192.0.2.1', stalled), at('quay.io', '192.0.2.2', dropped))).toEqual([])
  expect(faults(at('ghcr.io', '192.0.2.1', refused), at('quay.io', '192.0.2.2', refused))).toEqual([])
})

test('names that no resolver answers are one cause, though no address is known', () => {
  const { failure } = failedAttempt('name-not-resolved', 'dns', 'the DNS server did not answer')
  const unresolved = (host: string): LegFact => ({
    ...endpointLeg(host, {}),
    lookups: [{ at: 0, ms: 5000, ...(failure ? { failure } : {}) }],
  })
  expect(faults(unresolved('ghcr.io'), unresolved('quay.io'))).toMatchObject([
    {
      message: '2 hosts fail alike, 2 of 2 attempts: the DNS server did not answer',
      title: expect.stringMatching(/^DNS at fault/),
      evidence: ['ghcr.io: the DNS server did not answer, 1 of 1', expect.any(String)],
    },
  ])
})

test('a healthy run has no finding', () => {
  expect(faultsOf(check)).toEqual([])
})

test('addresses of one network are related, and an IP version without a route here is no matter of egress', () => {
  expect(faults(at('192.0.2.1', '192.0.2.1', stalled), at('192.0.2.2', '192.0.2.2', stalled))).toEqual([])
  const noRoute = failedAttempt('host-unreachable', 'connect')
  if (noRoute.failure) noRoute.failure.sign = 'no-route'
  const dual = (host: string, n: number) =>
    endpointLeg(host, { [`192.0.2.${n}`]: [fine], [`2001:db8::${n}`]: [noRoute] })
  expect(faults(dual('ghcr.io', 1), dual('quay.io', 2))).toEqual([])
})
