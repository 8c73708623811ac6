import { expect, test } from 'vitest'
import check from '../../../src/checks/path/endpoint-failing.ts'
import type { LegFact } from '../../../src/facts/path/leg.ts'
import { faultsOf } from '../../support/facts.ts'
import { answeredAttempt, endpointLeg, failedAttempt } from '../../support/legs.ts'

const faults = (...legs: LegFact[]) =>
  faultsOf(check, (facts) => {
    facts.path.legs = legs
  })

const refused = failedAttempt('connection-refused', 'connect', 'connection to 192.0.2.1:443 refused')
const healthy = endpointLeg('quay.io', { '192.0.2.9': [answeredAttempt()] })

test('an endpoint that answers with any status below 500 has no finding', () => {
  const statuses = [200, 301, 401, 404, 429].map((status) => answeredAttempt(status))
  expect(faults(endpointLeg('ghcr.io', { '192.0.2.1': statuses }))).toEqual([])
})

test('an endpoint that never answers is an error with address, phase and number', () => {
  const [fault, ...others] = faults(endpointLeg('ghcr.io', { '192.0.2.1': [refused, refused] }), healthy)
  expect(others).toEqual([])
  expect(fault).toMatchObject({
    subject: 'https://ghcr.io/v2/',
    message: '192.0.2.1, TCP connection: connection to 192.0.2.1:443 refused; 2 of 2 failed',
  })
  expect(fault).not.toHaveProperty('title')
})

test('one failure of several is said, and not that the endpoint is dead', () => {
  expect(
    faults(endpointLeg('ghcr.io', { '192.0.2.1': [answeredAttempt(), refused, answeredAttempt()] })),
  ).toMatchObject([
    { message: expect.stringContaining('1 of 3 failed'), title: expect.stringContaining('only sometimes') },
  ])
})

test('each address has its own verdict', () => {
  const leg = endpointLeg('ghcr.io', { '192.0.2.1': [refused], '2001:db8::1': [answeredAttempt()] })
  expect(faults(leg)).toMatchObject([
    {
      message: expect.stringContaining('192.0.2.1, TCP'),
      title: expect.stringContaining('some of its addresses'),
    },
  ])
})

test('a name that is not resolved is named as such', () => {
  const leg = endpointLeg('ghcr.io', {})
  const { failure } = failedAttempt('name-not-resolved', 'dns', 'no configured DNS server resolves the name')
  leg.lookups = [{ at: 0, ms: 4, ...(failure ? { failure } : {}) }]
  expect(faults(leg)).toMatchObject([
    { message: 'name lookup: no configured DNS server resolves the name; 1 of 1 failed' },
  ])
})

test('an error of the server is one finding for each address', () => {
  const leg = endpointLeg('ghcr.io', { '192.0.2.1': [answeredAttempt(503), answeredAttempt(200)] })
  expect(faults(leg)).toMatchObject([
    { message: '192.0.2.1, response: HTTP 503; 1 of 2 failed', title: expect.stringContaining('its server') },
  ])
})

test('what unrelated hosts share is left to egress-failing, and the end of the run is no failure', () => {
  const stalled = failedAttempt('tls-timeout', 'tls')
  const stopped = failedAttempt('run-stopped', 'connect')
  expect(
    faults(
      endpointLeg('ghcr.io', { '192.0.2.1': [stalled] }),
      endpointLeg('quay.io', { '192.0.2.2': [stalled] }),
      endpointLeg('gcr.io', { '192.0.2.3': [stopped] }),
    ),
  ).toEqual([])
})

test('legs of images have findings of their own', () => {
  const leg = endpointLeg('ghcr.io', { '192.0.2.1': [refused] })
  expect(faults({ ...leg, step: 'manifest' })).toEqual([])
})

test('an address of an IP version that this machine has no route for is not used, and no finding', () => {
  const noRoute = failedAttempt('host-unreachable', 'connect')
  if (noRoute.failure) noRoute.failure.sign = 'no-route'
  expect(
    faults(endpointLeg('ghcr.io', { '192.0.2.1': [answeredAttempt()], '2001:db8::1': [noRoute] })),
  ).toEqual([])
  expect(faults(endpointLeg('ghcr.io', { '2001:db8::1': [noRoute] }))).toHaveLength(1)
})

test('a leg that leads inward was not probed, which is a warning', () => {
  const { failure } = failedAttempt('redirect-refused', 'redirect', 'it leads to 10.0.0.5')
  const token: LegFact = {
    ...endpointLeg('auth.lab', {}),
    step: 'token',
    of: healthy.of,
    lookups: [{ at: 0, ms: 1, ...(failure ? { failure } : {}) }],
  }
  expect(faults(healthy, token)).toMatchObject([
    {
      severity: 'warning',
      message: 'it leads to 10.0.0.5; 1 of 1 failed',
      advice: expect.stringContaining('private_redirects'),
    },
  ])
})
