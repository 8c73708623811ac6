import type { FailureKind, Phase } from '../../src/core/failure.ts'
import type { AttemptFact, LegFact } from '../../src/facts/path/leg.ts'

/** An attempt with a response. */
export const answeredAttempt = (status = 401): AttemptFact => ({
  at: 0,
  phases: { connect: 1, tls: 5, headers: 3, body: 0 },
  status,
})

/** An attempt that failed in this phase. */
export const failedAttempt = (
  kind: FailureKind,
  phase: Phase,
  detail = `${kind} in a test`,
): AttemptFact => ({
  at: 0,
  phases: {},
  failure: { kind, phase, host: 'host', detail, evidence: [] },
})

/** A leg to an endpoint with these attempts at each address. */
export function endpointLeg(host: string, addresses: Record<string, AttemptFact[]>): LegFact {
  return {
    step: 'endpoint',
    of: `https://${host}/v2/`,
    url: `https://${host}/v2/`,
    host,
    servername: host,
    hostHeader: host,
    source: 'DNS',
    lookups: [{ at: 0, ms: 2 }],
    addresses: Object.entries(addresses).map(([address, attempts]) => ({ address, attempts })),
  }
}
