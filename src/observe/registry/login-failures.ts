import type { Failure } from '../../core/failure.ts'
import type { Challenge } from '../../net/challenge.ts'
import { type Credential, describeCredential } from '../credentials/credential.ts'
import { failure } from '../http/failures.ts'
import type { Response } from '../http/response.ts'
import type { ErrorResponse } from './refusal.ts'

/** Registries tolerate about a minute of clock skew when they verify tokens; docker_auth tolerates less. */
const skewMs = 60_000

/** The failure for a valid token that does not cover the repository; the evidence has the required and the granted scope. */
export function insufficientScope(
  challenge: Challenge,
  host: string,
  credential: Credential | undefined,
  granted = '',
): Failure {
  const scope = challenge.parameters.scope ?? ''
  const evidence = [
    ...(scope ? [`required scope: ${scope}`] : []),
    ...(granted ? [`granted scope: ${granted}`] : []),
  ]
  if (!credential) return anonymousRefusal(host, evidence)
  const detail = `the token for ${describeCredential(credential)} does not allow pulling from this repository`
  return { ...failure('insufficient-scope', host, 'token', detail, evidence), status: 401 }
}

/**
 * The failure for a new token that the registry rejects. If the clocks differ, they are the reason (hub-feedback#647,
 * docker_auth#59, harbor#15911). `now` is in milliseconds since the epoch.
 */
export function tokenRejected(
  response: Response,
  refusal: ErrorResponse,
  credential: Credential | undefined,
  now: number,
): Failure {
  const evidence = errorEvidence(response.host, refusal)
  const aheadMs = Date.parse(response.header('date') ?? '') - now
  if (Math.abs(aheadMs) > skewMs) {
    const skew = `${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'}`
    const detail = `new token rejected; the registry's clock is ${skew} this machine's`
    return { ...failure('clock-skew', response.host, 'token', detail, evidence), status: 401 }
  }
  if (!credential) return anonymousRefusal(response.host, evidence)
  const detail = `new token rejected; ${describeCredential(credential)} may not pull`
  return { ...failure('access-denied', response.host, 'token', detail, evidence), status: 401 }
}

/** The failure for a refusal when no credentials were sent: whether the image exists is unknown. */
export const anonymousRefusal = (host: string, evidence: string[]): Failure => ({
  ...failure(
    'denied-or-missing',
    host,
    'token',
    'the registry requires a login, no credentials were sent',
    evidence,
  ),
  status: 401,
})

/** The error code and message of a response, as evidence; empty if it has neither. */
export const errorEvidence = (host: string, { code, message }: ErrorResponse): string[] => {
  const text = [code, message].filter(Boolean).join(' ')
  return text ? [`response from ${host}: ${text}`] : []
}
