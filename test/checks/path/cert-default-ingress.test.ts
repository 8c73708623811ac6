import { expect, test } from 'vitest'
import check from '../../../src/checks/path/cert-default-ingress.ts'
import untrusted from '../../../src/checks/path/tls-untrusted.ts'
import type { LegFact } from '../../../src/facts/path/leg.ts'
import { faultsOf, registry, withFailures } from '../../support/facts.ts'
import { answeredAttempt, endpointLeg, failedAttempt } from '../../support/legs.ts'

/** A leg of an image whose host presents a certificate of this name. */
function legWith(subject: string, attempt = failedAttempt('tls-untrusted', 'tls')): LegFact {
  const leg = endpointLeg(registry, { '10.0.0.5': [attempt] })
  const certificate = { subject, issuer: subject, names: [], validFrom: 0, validTo: 0, sha256: '' }
  return { ...leg, step: 'manifest', addresses: leg.addresses.map((one) => ({ ...one, certificate })) }
}

const faults = (...legs: LegFact[]) =>
  faultsOf(check, (facts) => {
    facts.path.legs = legs
  })

test.each([
  ['TRAEFIK DEFAULT CERT', 'Traefik'],
  ['Kubernetes Ingress Controller Fake Certificate', 'ingress-nginx'],
])('%s is the certificate of an ingress without a route', (subject, ingress) => {
  const found = faults(legWith(subject), { ...legWith(subject), step: 'blob' })
  expect(found).toMatchObject([
    { subject: registry, message: expect.stringContaining(`10.0.0.5 presents “${subject}”`) },
  ])
  expect(found[0]?.message).toContain(ingress)
})

test('any other certificate, one that is accepted, and a bare address as mirror have no finding', () => {
  expect(faults(legWith('registry.lab'))).toEqual([])
  expect(faults(legWith('toString'))).toEqual([])
  expect(faults(legWith('TRAEFIK DEFAULT CERT', answeredAttempt()))).toEqual([])
  expect(faults({ ...legWith('TRAEFIK DEFAULT CERT'), step: 'mirror' })).toEqual([])
})

test('it is reported once, not as an untrusted certificate, too', () => {
  const withLeg = (subject: string) =>
    faultsOf(untrusted, (facts) => {
      withFailures('tls-untrusted')(facts)
      facts.path.legs = [legWith(subject)]
    }).map(({ subject: host }) => host)
  expect(withLeg('registry.lab')).toContain(registry)
  expect(withLeg('TRAEFIK DEFAULT CERT')).not.toContain(registry)
})
