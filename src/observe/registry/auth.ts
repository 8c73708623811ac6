import type { Failure } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import { type Challenge, parseChallenges } from '../../net/challenge.ts'
import { type Credential, describeCredential } from '../credentials/credential.ts'
import type { HttpClient } from '../http/client.ts'
import { failure } from '../http/failures.ts'
import type { Response } from '../http/response.ts'
import { anonymousRefusal, errorEvidence, insufficientScope, tokenRejected } from './login-failures.ts'
import { type ErrorResponse, readRefusal } from './refusal.ts'
import { fetchToken, type Token } from './token.ts'
import { basic } from './token-request.ts'

/** The value of an `Authorization` header, or undefined for none. */
type Authorization = string | undefined

/** Holds the authorization of each repository. Requests that are challenged at the same time share one login. */
export interface Authenticator {
  current: (repository: string) => Authorization
  /** Logs in after a 401: the authorization to retry with, or why there is none. `used` is the authorization that was refused. */
  logIn: (response: Response, repository: string, used: Authorization) => Promise<Observed<Authorization>>
  /** Why the registry rejects a token that was just issued for it. */
  rejection: (response: Response, repository: string) => Promise<Failure>
  /** The challenges of the last 401 for a repository; undefined if none was received. */
  challenges: (repository: string) => Challenge[] | undefined
  /** True if the registry required a login and no credentials are configured. */
  isAnonymous: (repository: string) => Promise<boolean>
}

/** What logins to one registry need. */
export interface AuthenticatorOptions {
  client: HttpClient
  /** The registry's URL. */
  base: URL
  /** Finds the credential for a repository; undefined if there is none. */
  credential: (repository: string) => Promise<Observed<Credential | undefined>>
  insecure: boolean
  keepSecret: (secret: string) => void
  now: () => number
}

/** Creates the authenticator of one registry. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const authorizations = new Map<string, Authorization>()
  const grantedScopes = new Map<string, string>()
  const challenged = new Map<string, Challenge[]>()
  const pendingLogins = new Map<string, Promise<Observed<Authorization>>>()

  const authorize = async (
    response: Response,
    refusal: ErrorResponse,
    repository: string,
    used: Authorization,
  ) => {
    const credential = await options.credential(repository)
    if (!credential.seen) return credential
    const { value } = credential
    const headers = response.headers('www-authenticate')
    const evidence = errorEvidence(response.host, refusal)
    if (headers.length === 0) {
      const detail = 'HTTP 401 without a WWW-Authenticate header'
      return unseen<Authorization>({
        ...failure('auth-challenge-missing', response.host, 'token', detail, evidence),
        status: 401,
      })
    }
    const challenges = parseChallenges(headers)
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
    if (bearer) {
      if (used !== undefined && bearer.parameters.error === 'insufficient_scope') {
        return unseen<Authorization>(
          insufficientScope(bearer, response.host, value, grantedScopes.get(repository)),
        )
      }
      const token = await bearerToken(bearer, repository, value, used, options)
      if (token.seen) grantedScopes.set(repository, token.value.granted)
      return token.seen ? seen<Authorization>(`Bearer ${token.value.token}`) : token
    }
    if (challenges.some(({ scheme }) => scheme === 'basic'))
      return basicLogin(value, used, response.host, evidence, options)
    const detail = 'the authentication challenge is neither Bearer nor Basic'
    return unseen<Authorization>(
      failure('auth-challenge-invalid', response.host, 'token', detail, [
        `WWW-Authenticate: ${headers.join(', ')}`,
      ]),
    )
  }

  return {
    current: (repository) => authorizations.get(repository),
    logIn: async (response, repository, used) => {
      challenged.set(repository, parseChallenges(response.headers('www-authenticate')))
      const refusal = await readRefusal(response)
      // Another request may have logged in while this one was in flight.
      if (authorizations.get(repository) !== used) return seen(authorizations.get(repository))
      const pending = pendingLogins.get(repository)
      if (pending) return pending
      const login = authorize(response, refusal, repository, used)
      pendingLogins.set(repository, login)
      const result = await login
      pendingLogins.delete(repository)
      if (result.seen) authorizations.set(repository, result.value)
      return result
    },
    rejection: async (response, repository) => {
      const refusal = await readRefusal(response)
      const credential = await options.credential(repository)
      const value = credential.seen ? credential.value : undefined
      const bearer = parseChallenges(response.headers('www-authenticate')).find(
        ({ scheme }) => scheme === 'bearer',
      )
      if (bearer?.parameters.error === 'insufficient_scope') {
        return insufficientScope(bearer, response.host, value, grantedScopes.get(repository))
      }
      return tokenRejected(response, refusal, value, options.now())
    },
    challenges: (repository) => challenged.get(repository),
    isAnonymous: async (repository) => {
      const credential = await options.credential(repository)
      return challenged.has(repository) && credential.seen && credential.value === undefined
    },
  }
}

async function bearerToken(
  challenge: Challenge,
  repository: string,
  credential: Credential | undefined,
  used: Authorization,
  options: AuthenticatorOptions,
): Promise<Observed<Token>> {
  if (credential?.kind === 'bearer') {
    if (used === undefined) return seen({ token: credential.token, granted: '' })
    const detail = `the registry refused ${describeCredential(credential)}`
    return unseen({ ...failure('bad-credentials', options.base.host, 'token', detail), status: 401 })
  }
  return fetchToken(options.client, { ...options, challenge, repository, credential })
}

function basicLogin(
  credential: Credential | undefined,
  used: Authorization,
  host: string,
  evidence: string[],
  { keepSecret }: AuthenticatorOptions,
): Observed<Authorization> {
  if (!credential) return unseen(anonymousRefusal(host, evidence))
  // Harbor challenges with Basic after it issued a token: the login is valid, but may not pull here.
  if (used?.startsWith('Bearer ')) {
    const detail = `login accepted, but ${describeCredential(credential)} may not pull`
    return unseen({ ...failure('access-denied', host, 'token', detail, evidence), status: 401 })
  }
  if (credential.kind !== 'password' || used !== undefined) {
    const detail =
      credential.kind === 'password'
        ? `the registry refused the login of ${describeCredential(credential)}`
        : `the registry requires a password, not ${describeCredential(credential)}`
    return unseen({ ...failure('bad-credentials', host, 'token', detail, evidence), status: 401 })
  }
  const authorization = basic(credential)
  keepSecret(authorization.slice('Basic '.length))
  return seen(authorization)
}
