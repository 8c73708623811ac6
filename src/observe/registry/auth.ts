import type { Observed, Trouble } from '../../model.ts'
import type { Login } from '../../settings/logins.ts'
import type { Reply } from '../wire/reply.ts'
import { seen, trouble, unseen } from '../wire/trouble.ts'
import type { Wire } from '../wire/wire.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import { type ErrorAnswer, readRefusal } from './refusal.ts'
import { basic, fetchToken } from './token.ts'

/** The value of an `Authorization` header, or undefined for none. */
export type Authorization = string | undefined

/** Keeps the authorization of each repository; a challenge is answered once, however many requests wait for it. */
export interface Authority {
  current: (repository: string) => Authorization
  /** Answers a 401: the authorization to try again with, or why there is none. `used` is what was refused. */
  answer: (reply: Reply, repository: string, used: Authorization) => Promise<Observed<Authorization>>
}

export interface AuthorityOptions {
  wire: Wire
  base: URL
  login: Login | undefined
  insecure: boolean
  keepSecret: (secret: string) => void
}

/** An authority for one registry. */
export function createAuthority(options: AuthorityOptions): Authority {
  const held = new Map<string, Authorization>()
  const flights = new Map<string, Promise<Observed<Authorization>>>()
  return {
    current: (repository) => held.get(repository),
    answer: async (reply, repository, used) => {
      const refusal = await readRefusal(reply)
      // Somebody else's flight may have landed while this request was on its way.
      if (held.get(repository) !== used) return seen(held.get(repository))
      const flying = flights.get(repository)
      if (flying) return flying
      const flight = authorize(reply, refusal, repository, used, options)
      flights.set(repository, flight)
      const result = await flight
      flights.delete(repository)
      if (result.seen) held.set(repository, result.value)
      return result
    },
  }
}

async function authorize(
  reply: Reply,
  refusal: ErrorAnswer,
  repository: string,
  used: Authorization,
  options: AuthorityOptions,
): Promise<Observed<Authorization>> {
  const { host } = reply
  const headers = reply.headers('www-authenticate')
  const challenges = parseChallenges(headers)
  const said = [refusal.code, refusal.message].filter(Boolean).join(' ')
  const evidence = said ? [`${host} said: ${said}`] : []
  if (headers.length === 0) {
    const detail = 'it answered 401 without saying how to log in'
    return unseen({ ...trouble('auth-challenge-missing', host, 'token', detail, evidence), status: 401 })
  }
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
  if (bearer) return bearerAuthorization(bearer, repository, used, options, host)
  if (challenges.some(({ scheme }) => scheme === 'basic'))
    return basicAuthorization(used, options, host, evidence)
  const detail = 'it asks for a login of a kind that registries do not use'
  return unseen(
    trouble('auth-challenge-invalid', host, 'token', detail, [`WWW-Authenticate: ${headers.join(', ')}`]),
  )
}

async function bearerAuthorization(
  challenge: Challenge,
  repository: string,
  used: Authorization,
  options: AuthorityOptions,
  host: string,
): Promise<Observed<Authorization>> {
  if (challenge.parameters.error === 'insufficient_scope') return unseen(tooNarrow(challenge, options, host))
  const token = await fetchToken(options.wire, { ...options, challenge, repository })
  if (!token.seen) return token
  const authorization = `Bearer ${token.value}`
  return authorization === used ? unseen(tooNarrow(challenge, options, host)) : seen(authorization)
}

function tooNarrow(challenge: Challenge, { login }: AuthorityOptions, host: string): Trouble {
  const scope = challenge.parameters.scope
  const who = login
    ? `user “${login.username}” may not pull here`
    : 'no credentials were sent, and it may not be pulled without them'
  return trouble('access-denied', host, 'token', who, scope ? [`scope wanted: ${scope}`] : [])
}

function basicAuthorization(
  used: Authorization,
  { login, keepSecret }: AuthorityOptions,
  host: string,
  evidence: string[],
): Observed<Authorization> {
  if (!login) {
    const detail = 'no credentials were sent, and it asks for a user name and password'
    return unseen({ ...trouble('access-denied', host, 'token', detail, evidence), status: 401 })
  }
  if (used !== undefined) {
    const detail = `it refused user “${login.username}” (${login.from})`
    return unseen({ ...trouble('bad-credentials', host, 'token', detail, evidence), status: 401 })
  }
  const authorization = basic(login)
  keepSecret(authorization.slice('Basic '.length))
  return seen(authorization)
}
