import type { Failure } from '../../core/failure.ts'
import type { Challenge } from '../../net/challenge.ts'
import { type Credential, whoOf } from '../credentials/credential.ts'
import { failure } from '../http/failures.ts'
import type { Response } from '../http/response.ts'
import type { ErrorAnswer } from './refusal.ts'

/** Registries allow clocks to differ by a minute or so; docker_auth's tokens by less. */
const skewMs = 60_000

/** A token that is accepted and allows too little: what was wanted, and what was granted. */
export function tooNarrow(
  challenge: Challenge,
  host: string,
  who: Credential | undefined,
  granted = '',
): Failure {
  const scope = challenge.parameters.scope ?? ''
  const evidence = [
    ...(scope ? [`scope wanted: ${scope}`] : []),
    ...(granted ? [`scope granted: ${granted}`] : []),
  ]
  if (!who) return nobody(host, evidence)
  const detail = `${whoOf(who)} got a token that does not allow a pull here`
  return { ...failure('insufficient-scope', host, 'token', detail, evidence), status: 401 }
}

/** A fresh token that is refused: when the clocks differ, that is why (hub-feedback#647, docker_auth#59, harbor#15911). */
export function tokenRefused(
  response: Response,
  refusal: ErrorAnswer,
  who: Credential | undefined,
  now: number,
): Failure {
  const said = saidBy(response.host, refusal)
  const date = Date.parse(response.header('date') ?? '')
  const aheadMs = date - now
  if (Math.abs(aheadMs) > skewMs) {
    const way = aheadMs > 0 ? 'ahead of' : 'behind'
    const detail = `it refuses the token it had asked for, and its clock is ${Math.round(Math.abs(aheadMs) / 1000)} s ${way} ours`
    return { ...failure('clock-skew', response.host, 'token', detail, said), status: 401 }
  }
  if (!who) return nobody(response.host, said)
  const detail = `it refused the token it had asked for; ${whoOf(who)} may not pull here`
  return { ...failure('access-denied', response.host, 'token', detail, said), status: 401 }
}

/** Nobody logged in, and it is refused: whether there is an image cannot be told. */
export const nobody = (host: string, evidence: string[]): Failure => ({
  ...failure(
    'denied-or-missing',
    host,
    'token',
    'no credentials were sent, and it tells nothing without them',
    evidence,
  ),
  status: 401,
})

/** What a registry said to it, as evidence. */
export const saidBy = (host: string, { code, message }: ErrorAnswer): string[] => {
  const said = [code, message].filter(Boolean).join(' ')
  return said ? [`${host} said: ${said}`] : []
}
