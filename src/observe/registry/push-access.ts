import { type Failure, failureInfo } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import type { PushAccess } from '../../facts/registry.ts'
import type { Challenge } from '../../net/challenge.ts'
import type { Credential } from '../credentials/credential.ts'
import type { HttpClient } from '../http/client.ts'
import { fetchToken } from './token.ts'
import type { TokenRequest } from './token-request.ts'
import { allows, grantedScope } from './token-scope.ts'

/** What is needed to find out whether a login may push. */
export interface PushContext extends Omit<TokenRequest, 'challenge' | 'credential'> {
  client: HttpClient
  /** The challenges of the registry for this repository; empty if it requires no login. */
  challenges: Observed<Challenge[]>
  credential: Observed<Credential | undefined>
  /** Whether the same login may pull. */
  mayPull: boolean
}

/**
 * Asks the token server for the scope `pull,push` and reads what it grants. The token is used for nothing, and no upload is started, so
 * that the registry stays as it is: where only an upload would show the right, it is unknown.
 */
export async function observePushAccess(context: PushContext): Promise<PushAccess> {
  const { challenges, credential, repository, client } = context
  if (!credential.seen) return unknown(credential.why.detail)
  if (!challenges.seen) return unknown(challenges.why.detail)
  const bearer = challenges.value.find(({ scheme }) => scheme === 'bearer')
  if (credential.value?.kind === 'bearer')
    return judge(grantedScope(credential.value.token, undefined), repository)
  if (bearer === undefined) {
    return unknown(
      challenges.value.some(({ scheme }) => scheme === 'basic')
        ? 'the registry uses Basic authentication, without tokens; only an upload would show it'
        : 'the registry required no login; only an upload would show it',
    )
  }
  const challenge = { ...bearer, parameters: { ...bearer.parameters, scope: pushScope(repository) } }
  const token = await fetchToken(client, { ...context, challenge, credential: credential.value })
  if (token.seen) return judge(token.value.granted, repository)
  return isRefusal(token.why) && context.mayPull
    ? { state: 'refused', asked: pushScope(repository), scope: `nothing (${token.why.detail})` }
    : unknown(token.why.detail)
}

function judge(scope: string, repository: string): PushAccess {
  if (scope === '') return unknown('the token is opaque: it does not show what it grants')
  return allows(scope, repository, 'push')
    ? { state: 'granted', scope }
    : { state: 'refused', asked: pushScope(repository), scope }
}

const pushScope = (repository: string): string => `repository:${repository}:pull,push`
const isRefusal = ({ kind }: Failure): boolean => failureInfo(kind).refusal !== undefined
const unknown = (why: string): PushAccess => ({ state: 'unknown', why })
