import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { LegFact } from '../../../src/facts/path/leg.ts'
import { legLines } from '../../../src/outputs/terminal/legs.ts'
import { answeredAttempt, endpointLeg, failedAttempt } from '../../support/legs.ts'

const machine = { device: 'eth0', mtu: 1500, gateway: '172.17.0.1', resolvers: ['10.0.0.2', '1.1.1.1'] }
const lines = (...legs: LegFact[]) =>
  legLines({ legs, machine, endsAt: 0 }).map((line) => stripVTControlCharacters(line))

const fine = answeredAttempt()
const dropped = failedAttempt(
  'connection-timeout',
  'connect',
  'connection to 192.0.2.2:443 timed out after 5 s',
)

test('a leg that works is one line', () => {
  expect(lines(endpointLeg('ghcr.io', { '192.0.2.1': [fine] }))).toEqual([
    '✓ endpoint  https://ghcr.io/v2/ · DNS 2 ms · 192.0.2.1 · TCP 1 ms · TLS 5 ms · HTTP 401 in 3 ms',
  ])
})

test('a leg that fails has a line for each address, and this machine’s way out follows', () => {
  expect(lines(endpointLeg('ghcr.io', { '192.0.2.1': [fine], '192.0.2.2': [dropped] }))).toEqual([
    '! endpoint  https://ghcr.io/v2/ · DNS 2 ms',
    '  ✓ 192.0.2.1 · TCP 1 ms · TLS 5 ms · HTTP 401 in 3 ms',
    '  ✗ 192.0.2.2 · connection to 192.0.2.2:443 timed out after 5 s',
    '  this machine: eth0 MTU 1500 · default route 172.17.0.1 · resolvers 10.0.0.2, 1.1.1.1',
  ])
})

test('repeated attempts have a median, a 95th percentile and n of m', () => {
  const slow = { ...fine, phases: { ...fine.phases, connect: 1040 } }
  expect(lines(endpointLeg('ghcr.io', { '192.0.2.2': [fine, slow, dropped] }))[1]).toBe(
    '  ! 192.0.2.2 · TCP 1 ms (95 %: 1 s) · TLS 5 ms (95 %: 5 ms) · HTTP 401 in 3 ms (95 %: 3 ms) · connection to 192.0.2.2:443 timed out after 5 s (1 of 3)',
  )
})

test('other names than those of the URL are shown, and the certificate', () => {
  const { servername: _, ...leg } = endpointLeg('10.0.0.5', { '10.0.0.5': [answeredAttempt(404)] })
  const [address] = leg.addresses
  if (address)
    address.certificate = {
      subject: 'TRAEFIK DEFAULT CERT',
      issuer: 'TRAEFIK DEFAULT CERT',
      names: ['traefik.default'],
      validFrom: 0,
      validTo: 60 * 86_400_000,
      sha256: 'ab'.repeat(32),
    }
  expect(
    lines({ ...leg, step: 'mirror', hostHeader: 'registry.lab', source: 'address', lookups: [] }),
  ).toEqual([
    '✓ mirror    https://10.0.0.5/v2/ (SNI none, Host registry.lab) · 10.0.0.5 · TCP 1 ms · TLS 5 ms · HTTP 404 in 3 ms · certificate TRAEFIK DEFAULT CERT, 60 days, SHA-256 abababababab…',
  ])
})

test('a leg behind a proxy, and a name without an address', () => {
  const unresolved = endpointLeg('ghcr.io', {})
  const { failure } = failedAttempt('name-not-resolved', 'dns', 'the DNS server did not answer')
  const [first] = lines(
    { ...unresolved, lookups: [{ at: 0, ms: 5, ...(failure ? { failure } : {}) }] },
    { ...unresolved, proxy: 'proxy.lab:3128' },
  )
  expect(first).toBe('✗ endpoint  https://ghcr.io/v2/ · DNS: the DNS server did not answer')
  expect(lines({ ...unresolved, proxy: 'proxy.lab:3128' })).toEqual([
    '- endpoint  https://ghcr.io/v2/ · not probed: through the proxy proxy.lab:3128',
  ])
})

test('many legs are cut off; the JSON report has all', () => {
  const many = Array.from({ length: 30 }, (_, n) => endpointLeg(`h${n}.example.com`, { '192.0.2.1': [fine] }))
  expect(lines(...many)).toHaveLength(25)
  expect(lines(...many).at(-1)).toBe('and 6 more legs; report_json has all')
})
