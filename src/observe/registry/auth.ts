import type { Failure } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import { type Challenge, parseChallenges } from '../../net/challenge.ts'
import { type Credential, whoOf } from '../credentials/credential.ts'
import type { HttpClient } from '../http/client.ts'
import { failure } from '../http/failures.ts'
import type { Response } from '../http/response.ts'
import { nobody, saidBy, tokenRefused, tooNarrow } from './login-failures.ts'
import { type ErrorAnswer, readRefusal } from './refusal.ts'
import { fetchToken, type Token } from './token.ts'
import { basic } from './token-request.ts'

/** The value of an `Authorization` header, or undefined for none. */
export type Authorization = string | undefined

/** Keeps the authorization of each repository; a challenge is answered once, however many requests wait for it. */
export interface Authority {
  current: (repository: string) => Authorization
  /** Answers a 401: the authorization to try again with, or why there is none. `used` is what was refused. */
  answer: (response: Response, repository: string, used: Authorization) => Promise<Observed<Authorization>>
  /** Why a registry refuses the token that it had asked for. */
  refused: (response: Response, repository: string) => Promise<Failure>
  /** True when the registry asked for a login, and nobody gave one. */
  isAnonymous: (repository: string) => Promise<boolean>
}

export interface AuthorityOptions {
  client: HttpClient
  base: URL
  credential: (repository: string) => Promise<Observed<Credential | undefined>>
  insecure: boolean
  keepSecret: (secret: string) => void
  now: () => number
}

/** An authority for one registry. */
export function createAuthority(options: AuthorityOptions): Authority {
  const held = new Map<string, Authorization>()
  const granted = new Map<string, string>()
  const challenged = new Set<string>()
  const flights = new Map<string, Promise<Observed<Authorization>>>()

  const authorize = async (
    response: Response,
    refusal: ErrorAnswer,
    repository: string,
    used: Authorization,
  ) => {
    const credential = await options.credential(repository)
    if (!credential.seen) return credential
    const { value: who } = credential
    const headers = response.headers('www-authenticate')
    const said = saidBy(response.host, refusal)
    if (headers.length === 0) {
      const detail = 'it answered 401 without saying how to log in'
      return unseen<Authorization>({
        ...failure('auth-challenge-missing', response.host, 'token', detail, said),
        status: 401,
      })
    }
    const challenges = parseChallenges(headers)
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
    if (bearer) {
      if (used !== undefined && bearer.parameters.error === 'insufficient_scope') {
        return unseen<Authorization>(tooNarrow(bearer, response.host, who, granted.get(repository)))
      }
      const token = await tokenFor(bearer, repository, who, used, options)
      if (token.seen) granted.set(repository, token.value.granted)
      return token.seen ? seen<Authorization>(`Bearer ${token.value.token}`) : token
    }
    if (challenges.some(({ scheme }) => scheme === 'basic'))
      return basicFor(who, used, response.host, said, options)
    const detail = 'it asks for a login of a kind that registries do not use'
    const shown = [`WWW-Authenticate: ${headers.join(', ')}`]
    return unseen<Authorization>(failure('auth-challenge-invalid', response.host, 'token', detail, shown))
  }

  return {
    current: (repository) => held.get(repository),
    answer: async (response, repository, used) => {
      challenged.add(repository)
      const refusal = await readRefusal(response)
      // Somebody else's flight may have landed while this request was on its way.
      if (held.get(repository) !== used) return seen(held.get(repository))
      const flying = flights.get(repository)
      if (flying) return flying
      const flight = authorize(response, refusal, repository, used)
      flights.set(repository, flight)
      const result = await flight
      flights.delete(repository)
      if (result.seen) held.set(repository, result.value)
      return result
    },
    refused: async (response, repository) => {
      const refusal = await readRefusal(response)
      const credential = await options.credential(repository)
      const who = credential.seen ? credential.value : undefined
      const bearer = parseChallenges(response.headers('www-authenticate')).find(
        ({ scheme }) => scheme === 'bearer',
      )
      if (bearer?.parameters.error === 'insufficient_scope') {
        return tooNarrow(bearer, response.host, who, granted.get(repository))
      }
      return tokenRefused(response, refusal, who, options.now())
    },
    isAnonymous: async (repository) => {
      const credential = await options.credential(repository)
      return challenged.has(repository) && credential.seen && credential.value === undefined
    },
  }
}

async function tokenFor(
  challenge: Challenge,
  repository: string,
  credential: Credential | undefined,
  used: Authorization,
  options: AuthorityOptions,
): Promise<Observed<Token>> {
  if (credential?.kind === 'bearer') {
    if (used === undefined) return seen({ token: credential.token, granted: '' })
    const detail = `it refused ${whoOf(credential)}`
    return unseen({ ...failure('bad-credentials', options.base.host, 'token', detail), status: 401 })
  }
  return fetchToken(options.client, { ...options, challenge, repository, credential })
}

function basicFor(
  who: Credential | undefined,
  used: Authorization,
  host: string,
  said: string[],
  { keepSecret }: AuthorityOptions,
): Observed<Authorization> {
  if (!who) return unseen(nobody(host, said))
  // Harbor answers Basic to a token that it gave itself: the login is good, and its rights do not reach here.
  if (used?.startsWith('Bearer ')) {
    const detail = `it took the login of ${whoOf(who)}, which may not pull here`
    return unseen({ ...failure('access-denied', host, 'token', detail, said), status: 401 })
  }
  if (who.kind !== 'password' || used !== undefined) {
    const detail =
      who.kind === 'password' ? `it refused ${whoOf(who)}` : `it takes a password, not ${whoOf(who)}`
    return unseen({ ...failure('bad-credentials', host, 'token', detail, said), status: 401 })
  }
  const authorization = basic(who)
  keepSecret(authorization.slice('Basic '.length))
  return seen(authorization)
}
