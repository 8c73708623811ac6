import type { CertificateFact, LegFact } from '../../path/leg.ts'

const dayMs = 86_400_000

/** Whole days from a moment until a certificate ends; both in milliseconds since the epoch. */
export const daysLeft = (validTo: number, at: number): number => Math.floor((validTo - at) / dayMs)

/**
 * The common names of the certificates that ingress controllers make for themselves and show where no route has the name: Traefik
 * (`pkg/tls/generate`), and ingress-nginx and haproxy-ingress (kubernetes/ingress-nginx#1286, jcmoraisjr/haproxy-ingress#311).
 */
const defaultCertificates: Record<string, string> = {
  'TRAEFIK DEFAULT CERT': 'Traefik',
  'Kubernetes Ingress Controller Fake Certificate': 'ingress-nginx or haproxy-ingress',
}

/** The ingress controller that made a certificate as its default; undefined for any other certificate. */
export const ingressOf = ({ subject }: CertificateFact): string | undefined =>
  Object.hasOwn(defaultCertificates, subject) ? defaultCertificates[subject] : undefined

/** Whether a host shows the default certificate of an ingress controller, asked under its own name. */
export const showsDefaultCertificate = (legs: readonly LegFact[] | undefined, host: string): boolean =>
  (legs ?? []).some(
    (leg) =>
      leg.host === host &&
      leg.step !== 'mirror' &&
      leg.addresses.some(({ certificate }) => certificate && ingressOf(certificate) !== undefined),
  )
